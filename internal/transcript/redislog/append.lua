-- Appends a batch to a session: all of it or nothing. The order of the checks
-- is stated at transcript.Batch.
--
-- KEYS  state, log
-- ARGV  create, idle ms, maximum ms, entries kept, help bar, wrapped key,
--       hash of the client message id, answer of the question, channel, replica,
--       number of parts, each: answer, first, last, ends, afterwards, fence,
--       then each event: answer, sequence number, nonce, stored form
local state, log = KEYS[1], KEYS[2]
local create, idle, maximum, kept = ARGV[1] == '1', tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local help, key, message, asked = ARGV[5] == '1', ARGV[6], ARGV[7], ARGV[8]
local channel, replica, count = ARGV[9], ARGV[10], tonumber(ARGV[11])
local events = 12 + count * 6

local fields = { 'created', 'deadline', 'last', 'forgotten', 'key', 'm:' .. message }
for i = 0, count - 1 do
  local answer = ARGV[12 + i * 6]
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

local repeats, ended = 0, false
for i = 0, count - 1 do
  local arg, own = 12 + i * 6, 7 + i * 3
  local last, finished, fence = known[own], known[own + 1], known[own + 2]
  local given = ARGV[arg + 5]
  if given ~= '' and fence and tonumber(given) < tonumber(fence) then
    if finished then
      return { 'ENDED' }
    end
    return { 'FENCED' }
  end
end
for i = 0, count - 1 do
  local arg, own = 12 + i * 6, 7 + i * 3
  local last, finished = known[own], known[own + 1]
  if last and tonumber(ARGV[arg + 1]) <= tonumber(last) then
    repeats = repeats + 1
  end
  if finished and ARGV[arg + 4] ~= '1' then
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
  local reply = { 'REPEAT', before }
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
  return { 'DUPLICATE', known[6] }
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
  cursors[#cursors + 1] = string.format('%.0f', n) .. '-' .. ARGV[arg + 2]
end
local last = cursors[#cursors]

-- Told before it is written: nobody can look before the script ends, and a
-- script that may not publish fails while it has changed nothing.
redis.call('PUBLISH', channel, '{"o":"' .. replica .. '","c":"' .. last .. '"}')

local set = { 'last', last, 'expires', string.format('%.0f', expires) }
local function put(field, value)
  set[#set + 1] = field
  set[#set + 1] = value
end
if not begun then
  put('created', string.format('%.0f', now))
  put('deadline', string.format('%.0f', deadline))
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
for i = 0, count - 1 do
  local arg, own = 12 + i * 6, 7 + i * 3
  local answer, given, fence = ARGV[arg], ARGV[arg + 5], known[own + 2]
  put('s:' .. answer, ARGV[arg + 2])
  if ARGV[arg + 3] == '1' then
    put('e:' .. answer, '1')
  end
  if given ~= '' and given ~= '0' and (not fence or tonumber(given) > tonumber(fence)) then
    put('f:' .. answer, given)
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
if n > kept then
  redis.call('XTRIM', log, 'MAXLEN', ARGV[4])
end
redis.call('PEXPIREAT', state, string.format('%.0f', expires))
redis.call('PEXPIREAT', log, string.format('%.0f', expires))
return { 'STORED', before, unpack(cursors) }
