-- Appends a batch to a session: all of it or nothing. The order of the checks
-- is stated at transcript.Batch.
--
-- KEYS  state, log
-- ARGV  create, idle ms, maximum ms, entries kept, help bar, wrapped key,
--       hash of the client message id, answer of the question, channel (empty:
--       nobody is told yet), replica,
--       lease ms (0: the lease is left alone), whether to claim the question's
--       answer with the lease, number of parts,
--       each: answer, first, last, asks, ends, afterwards, fence,
--       what is stored of it (-1: not said),
--       then each event: answer, sequence number, nonce, stored form
local state, log = KEYS[1], KEYS[2]
local create, idle, maximum, kept = ARGV[1] == '1', tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local help, key, message, asked = ARGV[5] == '1', ARGV[6], ARGV[7], ARGV[8]
local channel, replica, lease, claim, count = ARGV[9], ARGV[10], tonumber(ARGV[11]), ARGV[12] == '1', tonumber(ARGV[13])
local parts, own = {}, 9
for i = 0, count - 1 do
  local arg = 14 + i * 8
  parts[i + 1] = {
    answer = ARGV[arg], first = tonumber(ARGV[arg + 1]), last = ARGV[arg + 2], asks = ARGV[arg + 3] == '1',
    ends = ARGV[arg + 4] == '1', afterwards = ARGV[arg + 5] == '1', given = ARGV[arg + 6], after = tonumber(ARGV[arg + 7]),
  }
end
local events = 14 + count * 8

local fields = { 'created', 'deadline', 'last', 'forgotten', 'key', 'm:' .. message, 'holder', 'until', 'open' }
for _, part in ipairs(parts) do
  local answer = part.answer
  fields[#fields + 1] = 's:' .. answer
  fields[#fields + 1] = 'e:' .. answer
  fields[#fields + 1] = 'f:' .. answer
end
local known = redis.call('HMGET', state, unpack(fields))
local begun = known[1]

if known[4] then
  return { 'FORGOTTEN' }
end
if not begun and not create then
  return { 'NOSESSION' }
end
if begun and (known[5] or '') ~= key then
  return { 'KEY', known[5] or '' }
end

local open = tonumber(known[9] or '0')
local function number(n)
  return string.format('%.0f', n)
end

local repeats, ended = 0, false
for i, part in ipairs(parts) do
  local at = own + (i - 1) * 3
  part.stored, part.asked, part.ended, part.fence = known[at + 1], known[at + 2] == '0', known[at + 2] == '1', known[at + 3]
  if part.given ~= '' and part.fence and tonumber(part.given) < tonumber(part.fence) then
    if part.ended then
      return { 'ENDED' }
    end
    return { 'FENCED' }
  end
end
for _, part in ipairs(parts) do
  if part.after > tonumber(part.stored or '-1') then
    return { 'LOST' }
  end
end
for _, part in ipairs(parts) do
  if part.stored and part.first <= tonumber(part.stored) then
    repeats = repeats + 1
  end
  if part.ended and not part.afterwards then
    ended = true
  end
end

if repeats == count then
  -- The events are in the log, most likely at its end: walk back through it.
  local missing, cursors, at = 0, {}, {}
  for arg = events, #ARGV, 4 do
    missing = missing + 1
    cursors[missing] = ''
    at[ARGV[arg] .. ' ' .. ARGV[arg + 1]] = missing
  end
  local before, found, bound = '0-0', nil, '+'
  while true do
    local slice = redis.call('XREVRANGE', log, bound, '-', 'COUNT', 64)
    for _, entry in ipairs(slice) do
      if entry[1] ~= bound then
        if found then
          before, found = entry[1], nil
        end
        local values = {}
        for i = 1, #entry[2], 2 do
          values[entry[2][i]] = entry[2][i + 1]
        end
        local place = at[(values.r or '') .. ' ' .. (values.q or '')]
        if place and cursors[place] == '' then
          cursors[place] = entry[1]
          missing = missing - 1
          before, found = '0-0', true
        end
      end
    end
    if #slice < 64 or (missing == 0 and not found) then
      break
    end
    bound = slice[#slice][1]
  end
  local reply = { 'REPEAT', number(open), before, '' }
  for _, cursor in ipairs(cursors) do
    reply[#reply + 1] = cursor
  end
  return reply
end
if ended then
  return { 'ENDED' }
end
if repeats > 0 then
  return { 'FENCED' }
end
if message ~= '' and known[6] then
  return { 'DUPLICATE', number(open), known[6] }
end

local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local deadline = begun and tonumber(known[2]) or now + maximum
local expires = math.min(now + idle, deadline)
local before = known[3] or '0-0'
local n = tonumber(string.match(before, '^%d+'))

local cursors = {}
for arg = events, #ARGV, 4 do
  n = n + 1
  cursors[#cursors + 1] = number(n) .. '-' .. ARGV[arg + 2]
end
local last = cursors[#cursors]

-- Told before it is written: nobody can look before the script ends, and a
-- script that may not publish fails while it has changed nothing.
if channel ~= '' then
  redis.call(string.find(channel, ':shard$') and 'SPUBLISH' or 'PUBLISH', channel, '{"o":"' .. replica .. '","c":"' .. last .. '"}')
end

local set = { 'last', last, 'expires', number(expires) }
local function put(field, value)
  set[#set + 1] = field
  set[#set + 1] = value
end
if not begun then
  put('created', number(now))
  put('deadline', number(deadline))
  if key ~= '' then
    put('key', key)
  end
end
if help then
  put('help', '1')
end
if message ~= '' then
  put('m:' .. message, asked .. ' ' .. before)
end
for _, part in ipairs(parts) do
  put('s:' .. part.answer, part.last)
  if part.asks and not part.asked and not part.ended then
    part.asked, open = true, open + 1
    put('e:' .. part.answer, '0')
  end
  if part.ends then
    put('e:' .. part.answer, '1')
    if part.asked then
      open = open - 1
    end
  end
  if part.given ~= '' and part.given ~= '0' and (not part.fence or tonumber(part.given) > tonumber(part.fence)) then
    put('f:' .. part.answer, part.given)
  end
end
put('open', number(open))
local fence = ''
if open == 0 then
  put('until', '0')
elseif lease > 0 and (known[7] == replica or tonumber(known[8] or '0') < now) then
  put('holder', replica)
  put('until', number(now + lease))
  for _, part in ipairs(parts) do
    if claim and part.asks then -- as claim.lua does
      fence = number(math.max(tonumber(clock[1]) * 1000000 + tonumber(clock[2]), tonumber(part.fence or '0') + 1))
      put('f:' .. part.answer, fence)
    end
  end
end
-- The first write is one that a full server refuses; after it none is refused.
redis.call('HSET', state, unpack(set))
if not begun then
  redis.call('DEL', log) -- A log without its state is no log.
end
local i = 0
for arg = events, #ARGV, 4 do
  i = i + 1
  redis.call('XADD', log, cursors[i], 'r', ARGV[arg], 'q', ARGV[arg + 1], 'e', ARGV[arg + 3])
end
if n > kept and open == 0 then
  redis.call('XTRIM', log, 'MAXLEN', ARGV[4])
end
redis.call('PEXPIREAT', state, number(expires))
redis.call('PEXPIREAT', log, number(expires))
return { 'STORED', number(open), before, fence, unpack(cursors) }
