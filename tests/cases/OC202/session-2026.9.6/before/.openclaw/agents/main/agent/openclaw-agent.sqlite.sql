CREATE TABLE auth_profile_store (store_key TEXT NOT NULL PRIMARY KEY, store_json TEXT NOT NULL, updated_at INTEGER NOT NULL) STRICT;
INSERT INTO auth_profile_store VALUES('primary','{"version":1,"profiles":{}}',1795456209790);
CREATE TABLE session_nodes (session_key TEXT NOT NULL PRIMARY KEY, entry_json TEXT NOT NULL) STRICT;
INSERT INTO session_nodes VALUES('agent:main:main','{"sessionId":"s","providerOverride":"qwen-portal","modelOverride":"coder-model"}');
