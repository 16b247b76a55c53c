-- Foreign keys stay for as long as `users` does.
SELECT 1;
