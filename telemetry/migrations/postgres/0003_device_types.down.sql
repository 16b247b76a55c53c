DELETE FROM device_types;
