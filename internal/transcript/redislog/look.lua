-- Says whether a session has an open question that nobody answers, and for how
-- many milliseconds its lease has been over (-1: nobody has had one).
--
-- KEYS  state
local known = redis.call('HMGET', KEYS[1], 'created', 'open', 'until', 'key')
if not known[1] or (known[2] or '0') == '0' then
  return { 'CLOSED', '' }
end
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
if tonumber(known[3] or '0') >= now then
  return { 'HELD', '' }
end
local lapsed = -1
if (known[3] or '0') ~= '0' then
  lapsed = now - tonumber(known[3])
end
return { 'OPEN', known[4] or '', string.format('%.0f', lapsed) }
