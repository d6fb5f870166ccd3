-- One step of adapters/pacing.py on Redis, by Redis' own clock. KEYS: the standing of one address at one venue.
-- ARGV: admit, weight, limit -> {wait in ms, banned}; note, word, used, retry_ms, first_ms, longest_ms, jitter -> {0, banned}
local MINUTE, KEEP, MAX_DOUBLINGS = 60000, 172800000, 20
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local window = math.floor(now / MINUTE)

local function number(field)
  return tonumber(redis.call('HGET', KEYS[1], field) or 0)
end

local function set(...)
  redis.call('HSET', KEYS[1], ...)
  redis.call('PEXPIRE', KEYS[1], KEEP)
end

local function text(value)
  return string.format('%.0f', value)
end

local function used_now()
  return number('window') == window and number('used') or 0
end

local function admit(weight, limit)
  local closed = number('closed_ms')
  if now < closed then return {closed - now, number('banned')} end
  local used = used_now()
  if used > 0 and used + weight > limit then return {(window + 1) * MINUTE - now, 0} end
  set('window', text(window), 'used', text(used + weight), 'banned', 0)
  return {0, 0}
end

local function note(word, used, retry, first, longest, jitter)
  if used > used_now() then set('window', text(window), 'used', text(used)) end
  if word == 'fine' then set('failures', 0) end
  if word == 'busy' or word == 'banned' then
    local failures = number('failures')
    local whole = word == 'banned' and longest or math.min(longest, first * 2 ^ failures)
    local pause = retry > 0 and retry or math.floor(whole * (0.5 + 0.5 * jitter))
    local banned = (word == 'banned' or number('banned') == 1) and 1 or 0
    set('closed_ms', text(math.max(number('closed_ms'), now + pause)), 'banned', banned,
      'failures', text(math.min(failures + 1, MAX_DOUBLINGS)))
  end
  return {0, number('banned')}
end

if ARGV[1] == 'admit' then return admit(tonumber(ARGV[2]), tonumber(ARGV[3])) end
return note(ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]))
