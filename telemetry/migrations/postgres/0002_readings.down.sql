DROP TABLE telemetry_data;
