DROP TABLE chat_reports;
