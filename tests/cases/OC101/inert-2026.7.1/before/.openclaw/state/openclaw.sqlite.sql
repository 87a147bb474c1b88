PRAGMA user_version=1;
CREATE TABLE auth_profile_state (
  store_key TEXT NOT NULL PRIMARY KEY,
  state_json TEXT NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE TABLE schema_meta (
  meta_key TEXT NOT NULL PRIMARY KEY,
  role TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  agent_id TEXT,
  app_version TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
INSERT INTO schema_meta VALUES('primary','global',1,NULL,NULL,1795454796790,1795455179748);
INSERT INTO schema_meta VALUES('startup-migrations','global',1,NULL,'2026.7.1',1795454813665,1795454813665);
