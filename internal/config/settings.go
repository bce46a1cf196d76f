package config

import "strings"

// Setting is one row of the table.
type Setting struct {
	Env     string // the name in the environment
	Key     string // the key in the file; dots stand for nesting
	Flag    string // the flag, without dashes; empty for a secret, which has FileFlag
	Default string // as it would be written
	Doc     string // what it means
	Example string // shown where a value cannot be read
	Secret  bool

	field func(*Config) value
}

// FileEnv is the variable that holds the path of a file with the secret.
func (s Setting) FileEnv() string { return s.Env + "_FILE" }

// FileKey is FileEnv's key in the settings file.
func (s Setting) FileKey() string { return s.Key + "_file" }

// FileFlag is FileEnv's flag, without dashes.
func (s Setting) FileFlag() string {
	return strings.ReplaceAll(strings.ToLower(s.name()), "_", "-") + "-file"
}

// name is the environment name without the program's prefix.
func (s Setting) name() string { return strings.TrimPrefix(s.Env, "BEDSIDE_") }

// Settings returns the table, in the order in which it is printed.
func Settings() []Setting {
	return []Setting{
		{
			Env: "BEDSIDE_ADDR", Key: "addr", Flag: "addr", Default: "127.0.0.1:8080",
			Doc:   "listener; port 0 takes a free one",
			field: func(c *Config) value { return addressValue{&c.Addr} },
		},
		{
			Env: "BEDSIDE_ADMIN_ADDR", Key: "admin_addr", Flag: "admin-addr",
			Doc:   "a second listener for /metrics and pprof, on loopback unless a host is named; empty: none",
			field: func(c *Config) value { return adminValue{addressValue{&c.AdminAddr}} },
		},
		{
			Env: "BEDSIDE_ORIGINS", Key: "origins", Flag: "origins",
			Doc:   "allowed origins, comma-separated; empty: the gateway's own address",
			field: func(c *Config) value { return originsValue{&c.Origins} },
		},
		{
			Env: "BEDSIDE_TRUSTED_PROXIES", Key: "trusted_proxies", Flag: "trusted-proxies",
			Doc:   "networks whose forwarded addresses are believed, comma-separated",
			field: func(c *Config) value { return networksValue{&c.TrustedProxies} },
		},
		{
			Env: "BEDSIDE_PRODUCTION", Key: "production", Flag: "production", Default: "false",
			Doc:   "refuse to start unless everything that production needs is set",
			field: func(c *Config) value { return boolValue{&c.Production} },
		},
		{
			Env: "REDIS_URL", Key: "redis_url", Secret: true,
			Doc:   "where sessions are kept: redis://, rediss://, unix://; empty: in memory, gone at exit",
			field: func(c *Config) value { return redisValue{&c.RedisURL} },
		},
		{
			Env: "REDIS_CA_FILE", Key: "redis_ca_file", Flag: "redis-ca-file",
			Doc:   "certificate, in PEM, of the authority that signed Redis's; empty: one that the machine trusts",
			field: func(c *Config) value { return textValue{&c.RedisCA} },
		},
		{
			Env: "OPENAI_API_KEY", Key: "model.key", Secret: true,
			Doc:   "the model's key; without key and base URL answers are extractive",
			field: func(c *Config) value { return secretValue{&c.Model.Key} },
		},
		{
			Env: "OPENAI_BASE_URL", Key: "model.base_url", Flag: "model-base-url",
			Doc:   "an OpenAI-compatible endpoint; empty: OpenAI's",
			field: func(c *Config) value { return urlValue{&c.Model.BaseURL} },
		},
		{
			Env: "BEDSIDE_MODEL", Key: "model.name", Flag: "model", Default: "gpt-4.1-mini",
			Doc:   "the model's name",
			field: func(c *Config) value { return textValue{&c.Model.Name} },
		},
		{
			Env: "BEDSIDE_MODEL_BUDGET", Key: "model.budget", Flag: "model-budget", Default: "0",
			Doc:   "tokens a day, after which answers are extractive; 0: no limit",
			field: func(c *Config) value { return limitValue{&c.Model.Budget} },
		},
		{
			Env: "BEDSIDE_BAA_CONFIRMED", Key: "model.baa_confirmed", Flag: "baa-confirmed", Default: "false",
			Doc:   "the vendor of a model outside the machine has signed a business associate agreement",
			field: func(c *Config) value { return boolValue{&c.Model.BAAConfirmed} },
		},
		{
			Env: "BEDSIDE_EMBEDDING_MODEL", Key: "model.embedding", Flag: "embedding-model",
			Doc:   "turns on vectors beside the lexical search, same endpoint",
			field: func(c *Config) value { return textValue{&c.Model.Embedding} },
		},
		{
			Env: "BEDSIDE_VECTORS", Key: "model.vectors", Flag: "vectors",
			Doc:   "folder that keeps the material's vectors; empty: bedside in the user's cache folder",
			field: func(c *Config) value { return textValue{&c.Model.Vectors} },
		},
		{
			Env: "BEDSIDE_KNOWLEDGE", Key: "knowledge", Flag: "knowledge",
			Doc:   "folder of pages instead of the embedded ones",
			field: func(c *Config) value { return textValue{&c.KnowledgeDir} },
		},
		{
			Env: "BEDSIDE_PROMPTS", Key: "prompts", Flag: "prompts",
			Doc:   "folder of prompts instead of the embedded ones",
			field: func(c *Config) value { return textValue{&c.PromptsDir} },
		},
		{
			Env: "BEDSIDE_PENDING", Key: "pending", Flag: "pending", Default: "exclude",
			Doc:   "include takes in supplement pages that wait for clinical review",
			field: func(c *Config) value { return pendingValue{&c.IncludePending} },
		},
		{
			Env: "BEDSIDE_CLINIC_NAME", Key: "clinic.name", Flag: "clinic-name",
			Doc:   "the clinic's name, shown wherever a patient is sent to a person",
			field: func(c *Config) value { return textValue{&c.Clinic.Name} },
		},
		{
			Env: "BEDSIDE_CLINIC_PHONE", Key: "clinic.phone", Flag: "clinic-phone",
			Doc:   "the clinic's phone",
			field: func(c *Config) value { return textValue{&c.Clinic.Phone} },
		},
		{
			Env: "BEDSIDE_CLINIC_HOURS", Key: "clinic.hours", Flag: "clinic-hours",
			Doc:   "when the clinic can be reached",
			field: func(c *Config) value { return textValue{&c.Clinic.Hours} },
		},
		{
			Env: "BEDSIDE_CLINIC_COLOR", Key: "clinic.color", Flag: "clinic-color", Example: "#1f5f5b",
			Doc:   "the clinic's colour, for the widget and its page",
			field: func(c *Config) value { return colorValue{&c.Clinic.Color} },
		},
		{
			Env: "BEDSIDE_STAFF_KEYS", Key: "staff_keys", Secret: true,
			Doc:   "staff keys, separated by commas or line ends",
			field: func(c *Config) value { return secretsValue{&c.StaffKeys} },
		},
		{
			Env: "BEDSIDE_DATA_KEYS", Key: "data_keys", Secret: true,
			Doc:   "keyset that encrypts what is stored; empty: a fresh one per process, with a warning",
			field: func(c *Config) value { return secretValue{&c.DataKeys} },
		},
		{
			Env: "BEDSIDE_RATE_SESSION", Key: "rate.session", Flag: "rate-session", Default: "20",
			Doc:   "questions a minute of one session; 0: no limit",
			field: func(c *Config) value { return limitValue{&c.Rates.Session} },
		},
		{
			Env: "BEDSIDE_RATE_ADDRESS", Key: "rate.address", Flag: "rate-address", Default: "60",
			Doc:   "questions a minute of one address (IPv6: /64); 0: no limit",
			field: func(c *Config) value { return limitValue{&c.Rates.Address} },
		},
		{
			Env: "BEDSIDE_RATE_GLOBAL", Key: "rate.global", Flag: "rate-global", Default: "0",
			Doc:   "questions a minute in all; 0: no limit",
			field: func(c *Config) value { return limitValue{&c.Rates.Global} },
		},
		{
			Env: "BEDSIDE_CONNECTIONS_ADDRESS", Key: "connections.address", Flag: "connections-address", Default: "50",
			Doc:   "connections of one address at a time; 0: no limit",
			field: func(c *Config) value { return limitValue{&c.Rates.Connections} },
		},
		{
			Env: "BEDSIDE_CONNECTIONS_GLOBAL", Key: "connections.global", Flag: "connections-global", Default: "10000",
			Doc:   "connections of one process at a time, of all addresses together; 0: no limit",
			field: func(c *Config) value { return limitValue{&c.Rates.AllConnections} },
		},
		{
			Env: "BEDSIDE_ANSWERS", Key: "answers", Flag: "answers", Default: "1024",
			Doc:   "answers that are written at a time, the others wait their turn; 0: no limit",
			field: func(c *Config) value { return limitValue{&c.Rates.Answers} },
		},
		{
			Env: "BEDSIDE_LEASE", Key: "lease", Flag: "lease", Default: "3s", Example: "3s",
			Doc:   "how long a replica holds an answer that it writes without renewing",
			field: func(c *Config) value { return durationValue{&c.Session.Lease} },
		},
		{
			Env: "BEDSIDE_SESSION_IDLE", Key: "session.idle", Flag: "session-idle", Default: "30m", Example: "30m",
			Doc:   "a session is forgotten so long after its last activity",
			field: func(c *Config) value { return durationValue{&c.Session.Idle} },
		},
		{
			Env: "BEDSIDE_SESSION_MAX", Key: "session.max", Flag: "session-max", Default: "12h", Example: "12h",
			Doc:   "a session is forgotten so long after its beginning",
			field: func(c *Config) value { return durationValue{&c.Session.Max} },
		},
		{
			Env: "BEDSIDE_QUESTION_CHARACTERS", Key: "limits.question_characters", Flag: "question-characters", Default: "4000",
			Doc:   "characters of one question",
			field: func(c *Config) value { return countValue{&c.Limits.QuestionCharacters} },
		},
		{
			Env: "BEDSIDE_FRAME_BYTES", Key: "limits.frame_bytes", Flag: "frame-bytes", Default: "65536",
			Doc:   "bytes of one frame or request body",
			field: func(c *Config) value { return countValue{&c.Limits.FrameBytes} },
		},
		{
			Env: "BEDSIDE_READ_TIMEOUT", Key: "limits.read_timeout", Flag: "read-timeout", Default: "1m", Example: "60s",
			Doc:   "a connection that is silent for so long is closed",
			field: func(c *Config) value { return durationValue{&c.Limits.ReadTimeout} },
		},
		{
			Env: "BEDSIDE_PING_INTERVAL", Key: "limits.ping_interval", Flag: "ping-interval", Default: "25s", Example: "25s",
			Doc:   "how often a connection is asked whether it lives",
			field: func(c *Config) value { return durationValue{&c.Limits.PingInterval} },
		},
		{
			Env: "BEDSIDE_SEND_QUEUE_FRAMES", Key: "limits.send_queue_frames", Flag: "send-queue-frames", Default: "256",
			Doc:   "frames that may wait for one connection to be read",
			field: func(c *Config) value { return countValue{&c.Limits.SendQueueFrames} },
		},
		{
			Env: "BEDSIDE_SEND_QUEUE_BYTES", Key: "limits.send_queue_bytes", Flag: "send-queue-bytes", Default: "1048576",
			Doc:   "bytes that may wait for one connection to be read",
			field: func(c *Config) value { return countValue{&c.Limits.SendQueueBytes} },
		},
		{
			Env: "BEDSIDE_WAITING_QUESTIONS", Key: "limits.waiting_questions", Flag: "waiting-questions", Default: "3",
			Doc:   "questions of one session that may wait behind the one being answered",
			field: func(c *Config) value { return countValue{&c.Limits.WaitingQuestions} },
		},
		{
			Env: "BEDSIDE_DRAIN_NOTICE", Key: "drain.notice", Flag: "drain-notice", Default: "5s", Example: "5s",
			Doc:   "on stopping, time for proxies to see that the gateway is not ready; 0: none",
			field: func(c *Config) value { return waitValue{&c.Drain.Notice} },
		},
		{
			Env: "BEDSIDE_DRAIN_ANSWERS", Key: "drain.answers", Flag: "drain-answers", Default: "20s", Example: "20s",
			Doc:   "on stopping, time for running answers to end; 0: none",
			field: func(c *Config) value { return waitValue{&c.Drain.Answers} },
		},
		{
			Env: "BEDSIDE_LOG_LEVEL", Key: "log.level", Flag: "log-level", Default: "info", Example: "debug, info, warn or error",
			Doc:   "debug, info, warn or error",
			field: func(c *Config) value { return levelValue{&c.Log.Level} },
		},
		{
			Env: "BEDSIDE_LOG_FORMAT", Key: "log.format", Flag: "log-format", Default: "auto",
			Doc:   "text, json or auto (text on a terminal, JSON otherwise)",
			field: func(c *Config) value { return formatValue{&c.Log.Format} },
		},
		{
			Env: "BEDSIDE_SERVER", Key: "client.server", Flag: "server",
			Doc:   "the gateway that chat and ask talk to",
			field: func(c *Config) value { return urlValue{&c.Client.Server} },
		},
		{
			Env: "BEDSIDE_KEY", Key: "client.key", Secret: true,
			Doc:   "the staff key that chat and ask send",
			field: func(c *Config) value { return secretValue{&c.Client.Key} },
		},
	}
}
