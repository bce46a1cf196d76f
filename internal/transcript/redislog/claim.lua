-- Raises an answer's fence and returns it. A fence is the server's time in
-- microseconds where that is higher than one more than the last, so that one
-- given out before a failover that lost it is not given out again. With a lease
-- the session's is taken or renewed first, and no fence is raised where another
-- replica has it.
--
-- KEYS  state
-- ARGV  answer, wrapped key, replica, lease ms (0: without)
local known = redis.call('HMGET', KEYS[1], 'created', 'e:' .. ARGV[1], 'f:' .. ARGV[1], 'forgotten', 'key',
  'holder', 'until', 's:' .. ARGV[1])
if known[4] then
  return { 'FORGOTTEN' }
end
if not known[1] then
  return { 'NOSESSION' }
end
if (known[5] or '') ~= ARGV[2] then
  return { 'KEY', known[5] or '' }
end
if known[2] == '1' then
  return { 'ENDED' }
end
local clock = redis.call('TIME')
local micros = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local fence = string.format('%.0f', math.max(micros, tonumber(known[3] or '0') + 1))
local lease, now = tonumber(ARGV[4]), math.floor(micros / 1000)
if lease == 0 then
  redis.call('HSET', KEYS[1], 'f:' .. ARGV[1], fence)
elseif known[6] == ARGV[3] or tonumber(known[7] or '0') < now then
  redis.call('HSET', KEYS[1], 'f:' .. ARGV[1], fence, 'holder', ARGV[3], 'until', string.format('%.0f', now + lease))
else
  return { 'HELD' }
end
return { 'CLAIMED', fence, known[8] or '-1' }
