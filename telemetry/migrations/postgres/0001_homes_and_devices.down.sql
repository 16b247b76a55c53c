DROP TABLE devices;
DROP TABLE device_types;
DROP TABLE tariffs;
DROP TABLE homes;
