CREATE TABLE cron_jobs (store_key TEXT NOT NULL, job_id TEXT NOT NULL, name TEXT NOT NULL, enabled INTEGER NOT NULL, payload_kind TEXT NOT NULL, payload_message TEXT, payload_model TEXT, payload_fallbacks_json TEXT, job_json TEXT NOT NULL, PRIMARY KEY (store_key, job_id));
INSERT INTO cron_jobs VALUES('/home/user/.openclaw/cron/jobs.json','1','nightly',1,'agentTurn','hi','corp/m1',NULL,'{}');
