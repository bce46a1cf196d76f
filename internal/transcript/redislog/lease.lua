-- Renews a session's lease, one that lapsed and that nobody took included, or
-- gives it up.
--
-- KEYS  state
-- ARGV  replica, lease ms (0: give it up)
local known = redis.call('HMGET', KEYS[1], 'created', 'holder', 'until', 'open')
if not known[1] then
  return 'LOST'
end
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local mine, lease = known[2] == ARGV[1], tonumber(ARGV[2])
if not mine and tonumber(known[3] or '0') >= now then
  return 'LOST'
end
if lease == 0 then
  if mine then
    redis.call('HSET', KEYS[1], 'until', '0')
  end
elseif (known[4] or '0') ~= '0' then
  redis.call('HSET', KEYS[1], 'holder', ARGV[1], 'until', string.format('%.0f', now + lease))
end
return 'KEPT'
