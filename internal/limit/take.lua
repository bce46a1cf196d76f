-- Takes one from each bucket, or from none where one of them is empty. A bucket is
-- one time, in microseconds: when it will be full again. Returns how long to wait
-- (0: taken), and how far ahead of now each bucket's time is.
--
-- KEYS  the buckets
-- ARGV  of each: what one take uses up, how far ahead it may get
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local full, wait = {}, 0
for i, key in ipairs(KEYS) do
  full[i] = math.max(tonumber(redis.call('HMGET', key, 'full')[1] or '0'), now)
  wait = math.max(wait, full[i] - now - tonumber(ARGV[2 * i]))
end
local reply = { wait }
for i, key in ipairs(KEYS) do
  if wait == 0 then
    full[i] = full[i] + tonumber(ARGV[2 * i - 1])
    redis.call('HSET', key, 'full', string.format('%.0f', full[i]))
    redis.call('PEXPIRE', key, math.ceil((full[i] - now) / 1000))
  end
  reply[i + 1] = full[i] - now
end
return reply
