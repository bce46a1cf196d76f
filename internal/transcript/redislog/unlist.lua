-- Takes a session off a list, unless it was listed anew since it was looked at, and
-- puts it on another, if one is named.
--
-- KEYS  list, the other list
-- ARGV  session, the mark that it was listed with, its mark in the other list
local mark = redis.call('ZSCORE', KEYS[1], ARGV[1])
if mark and tonumber(mark) == tonumber(ARGV[2]) then
  if KEYS[2] then
    redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
  end
  redis.call('ZREM', KEYS[1], ARGV[1])
end
return 'DONE'
