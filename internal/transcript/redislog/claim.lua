-- Raises an answer's fence and returns it. A fence is the server's time in
-- microseconds where that is higher than one more than the last, so that one
-- given out before a failover that lost it is not given out again.
--
-- KEYS  state
-- ARGV  answer, wrapped key
local known = redis.call('HMGET', KEYS[1], 'created', 'e:' .. ARGV[1], 'f:' .. ARGV[1], 'forgotten', 'key')
if known[4] then
  return { 'FORGOTTEN' }
end
if not known[1] then
  return { 'NOSESSION' }
end
if (known[5] or '') ~= ARGV[2] then
  return { 'KEY', known[5] or '' }
end
if known[2] then
  return { 'ENDED' }
end
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local fence = string.format('%.0f', math.max(now, tonumber(known[3] or '0') + 1))
redis.call('HSET', KEYS[1], 'f:' .. ARGV[1], fence)
return { 'CLAIMED', fence }
