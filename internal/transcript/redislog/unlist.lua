-- Takes a session off the list, unless it was listed anew since it was looked at.
--
-- KEYS  list
-- ARGV  session, the mark that it was listed with
local mark = redis.call('ZSCORE', KEYS[1], ARGV[1])
if mark and tonumber(mark) == tonumber(ARGV[2]) then
  redis.call('ZREM', KEYS[1], ARGV[1])
end
return 'DONE'
