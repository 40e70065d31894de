-- A throw-away Prosody for tests: WebSocket only, loopback only. prosody.ts fills in the names between underscores.
-- For load: gc = { mode = "generational" }.
run_as_root = true            -- only matters when uid 0

interfaces = { "127.0.0.1" }
local_interfaces = { "127.0.0.1" }
data_path = "__DIR__/data"
certificates = "__DIR__/certs"
pidfile = "__DIR__/prosody.pid"
plugin_paths = { "__PLUGINS__" }

-- no TCP c2s, no s2s, no TLS listeners; only HTTP (WebSocket) on a random port
c2s_ports = { }
c2s_direct_tls_ports = { }

s2s_ports = { }
https_ports = { }
http_ports = { __PORT__ }
http_interfaces = { "127.0.0.1" }
http_default_host = "localhost"
http_external_url = "http://localhost:__PORT__/"
trusted_proxies = { "127.0.0.1" }

c2s_require_encryption = false
consider_websocket_secure = true
allow_unencrypted_plain_auth = true

default_storage = "internal"
storage = { accounts = "internal" }   -- accounts stay files, so addUsers() works with sql too

log = {
  { levels = { min = "info" }; to = "console"; timestamps = false };
}

modules_disabled = { "s2s"; "offline" }
modules_enabled = {
  "posix"; "disco"; "roster"; "saslauth"; "carbons"; "pep"; "bookmarks"; "blocklist"; "private";
  "vcard4"; "vcard_legacy"; "ping"; "time"; "version"; "uptime"; "mam"; "smacks"; "csi_simple"; "csi";
  "register"; "websocket"; "bosh"; "admin_shell"; "admin_adhoc"; __MODULES__
}
admins = { "admin@localhost" }
allow_registration = true
c2s_timeout = 300              -- read timeout before server-side ping/<r/>
smacks_hibernation_time = __HIBERNATION_SECONDS__  -- seconds a cut session stays resumable
smacks_max_unacked_stanzas = 0
smacks_max_queue_size = 500
archive_expires_after = "never"
max_archive_query_results = 50
muc_room_cache_size = 1000

__EXTRA_CONFIG__

VirtualHost "localhost"
  authentication = "internal_plain"

VirtualHost "anon.localhost"
  authentication = "anonymous"
  allow_anonymous_s2s = false

Component "muc.localhost" "muc"
  name = "Test rooms"
  modules_enabled = { "muc_mam"; "muc_moderation"; __MUC_MODULES__ }
  muc_log_by_default = true
  muc_log_expires_after = "never"
  muc_log_presences = false
  muc_room_default_public = true
  muc_room_default_persistent = true
  muc_room_default_history_length = __HISTORY_LENGTH__
  muc_room_locking = __ROOM_LOCKING__   -- false: usable at once; true: new room locked until config is sent
  muc_tombstones = true
  fake_occupants = { __FAKE_OCCUPANTS__ }

Component "upload.localhost" "http_file_share"
  http_file_share_size_limit = 10485760
  http_host = "localhost"          -- else uploads to localhost:PORT are 404 (HTTP host is the component's name)
  http_external_url = "http://localhost:__PORT__/"
  modules_disabled = { "s2s" }

__FAKE_COMPONENT__
