CREATE TABLE auth_profile_store (store_key TEXT NOT NULL PRIMARY KEY, store_json TEXT NOT NULL, updated_at INTEGER NOT NULL) STRICT;
INSERT INTO auth_profile_store VALUES('primary','{"version": 1, "profiles": {"bailian:default": {"type": "api_key", "provider": "bailian", "key": "sk-sp-0a1b2c3d4e5f60718293a4b5c6d7e8f9"}}}',1795456209790);
CREATE TABLE auth_profile_state (state_key TEXT NOT NULL PRIMARY KEY, state_json TEXT NOT NULL, updated_at INTEGER NOT NULL) STRICT;
INSERT INTO auth_profile_state VALUES('primary','{"version": 1, "usageStats": {"bailian:default": {"cooldownUntil": 1795500030000, "errorCount": 1}}}',1795456209790);
