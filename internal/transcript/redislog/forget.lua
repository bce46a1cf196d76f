-- Destroys a session and leaves word that it must not be begun again.
--
-- KEYS  state, log
-- ARGV  how long the word stands (ms), channel, replica
local begun = redis.call('HMGET', KEYS[1], 'created')[1]
-- Changes nothing, and is refused where nothing may be written: else followers
-- would be told of what did not happen.
redis.call('XTRIM', KEYS[2], 'MAXLEN', '1000000000')
-- To delete comes first, for a full server allows it, and then the rest.
redis.call(string.find(ARGV[2], ':shard$') and 'SPUBLISH' or 'PUBLISH', ARGV[2], '{"o":"' .. ARGV[3] .. '","k":"forgotten"}')
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[1], 'forgotten', '1')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return begun and 'FORGOTTEN' or 'NONE'
