-- Writes as an append does and leaves nothing: a server that is full, or that is
-- a replica, refuses it.
--
-- KEYS  a key that nothing else uses
redis.call('HSET', KEYS[1], 'probe', '1')
redis.call('DEL', KEYS[1])
return 'WRITTEN'
