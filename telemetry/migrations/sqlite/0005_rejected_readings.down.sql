DROP TABLE rejected_readings;
