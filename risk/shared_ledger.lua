-- One atomic step on the shared ledger. KEYS: epoch, owners, claims. ARGV: known or afresh, step, its arguments.
-- No rule about risk lives here (those are in risk/limits): only "nobody has added risk since you looked".
--   epoch   {at: when this ledger was begun, ms; version: the token}
--   owners  name -> JSON of risk.shared_records.Registration; times in ms by Redis' own clock
--   claims  "owner:key" -> JSON of risk.ledger.Claim; a number that is not known is null
local EPOCH, OWNERS, CLAIMS = KEYS[1], KEYS[2], KEYS[3]
local time = redis.call('TIME')
local now_us = time[1] * 1000000 + time[2]
local now = math.floor(now_us / 1000)

local function text(number)
  return string.format('%.0f', number)
end

-- By the clock, so that no version comes twice: not after a restart, not after one that lost the last writes.
local function bump()
  local last = tonumber(redis.call('HGET', EPOCH, 'version') or 0)
  redis.call('HSET', EPOCH, 'version', text(math.max(last + 1, now_us)))
end

local function begin()
  redis.call('HSET', EPOCH, 'at', text(now))
  bump()
end

local function age()
  return now - tonumber(redis.call('HGET', EPOCH, 'at') or now + 1)
end

local function registration(owner)
  local found = redis.call('HGET', OWNERS, owner)
  return found and cjson.decode(found)
end

local function remember(me)
  local lease = now + (me.leaving and 0 or me.lease_ms)
  redis.call('HSET', OWNERS, me.owner, cjson.encode({
    instance = me.instance, seq = me.seq, account = me.account, equity = me.equity, told = now - me.equity_age_ms,
    beat = now, lease = lease, lapses = lease + me.lapse_ms, stale = now + 3 * me.lease_ms,
  }))
end

local function owner_of(field)
  return string.match(field, '^[^:]*')
end

-- An open position may be free of risk (its stop is past the entry): it still counts, so it must not lapse.
local function is_entry_only(value)
  local claim = cjson.decode(value)
  return claim.open_risk == 0 and claim.reserved ~= 0
end

-- Give back what dead owners had only reserved. Taking risk off needs no new version.
local function sweep()
  local lapsed = {}
  local owners = redis.call('HGETALL', OWNERS)
  for i = 1, #owners, 2 do
    lapsed[owners[i]] = cjson.decode(owners[i + 1]).lapses <= now or nil
  end
  if next(lapsed) == nil then return end
  local claims = redis.call('HGETALL', CLAIMS)
  for i = 1, #claims, 2 do
    if lapsed[owner_of(claims[i])] and is_entry_only(claims[i + 1]) then redis.call('HDEL', CLAIMS, claims[i]) end
  end
end

local function claims_of(owner)
  local found = {}
  local claims = redis.call('HGETALL', CLAIMS)
  for i = 1, #claims, 2 do
    if owner_of(claims[i]) == owner then found[claims[i]] = claims[i + 1] end
  end
  return found
end

local function risk(value)
  local claim = cjson.decode(value)
  if claim.reserved == cjson.null or claim.open_risk == cjson.null then return math.huge end
  return claim.reserved + claim.open_risk
end

local function adds_risk(before, after)
  return before == nil or risk(after) > risk(before)
end

-- A word that was overtaken by a later one of the same process (it waited in a socket while Redis hung) is void.
local function is_late(mine, me)
  return mine and mine.instance == me.instance and me.seq <= mine.seq
end

-- Redis forgot what it had confirmed.
local function went_back(mine, me)
  return me.acked > 0 and not (mine and mine.seq >= me.acked)
end

local steps = {}

-- -> now, at, version, owners, claims
function steps.look()
  if age() < 0 then begin() end
  sweep()
  local epoch = redis.call('HMGET', EPOCH, 'at', 'version')
  return {now, epoch[1], epoch[2], redis.call('HGETALL', OWNERS), redis.call('HGETALL', CLAIMS)}
end

-- caller, token or '', key, claim, key, claim ...: all that the caller holds. With a token it is a reservation, taken
-- only if nobody has added risk since the token was read. -> 'ok' and what it held in an earlier life
function steps.publish()
  local me, token = cjson.decode(ARGV[3]), ARGV[4]
  local mine = registration(me.owner)
  if mine and mine.instance ~= me.instance and (not me.fresh or mine.lease > now) then
    return {'twin', mine.instance, text(mine.seq), text(mine.lease - now)}
  end
  if is_late(mine, me) then return {'late'} end
  if age() < 0 or went_back(mine, me) then begin() end
  if token ~= '' and token ~= redis.call('HGET', EPOCH, 'version') then return {'stale'} end
  sweep()
  local before, added, answer = claims_of(me.owner), false, {'ok'}
  for i = 5, #ARGV, 2 do
    local field, claim = me.owner .. ':' .. ARGV[i], ARGV[i + 1]
    added = added or adds_risk(before[field], claim)
    if before[field] ~= claim then redis.call('HSET', CLAIMS, field, claim) end
    before[field] = nil
  end
  for field, claim in pairs(before) do
    if me.fresh then answer[#answer + 1] = claim else redis.call('HDEL', CLAIMS, field) end
  end
  if added then bump() end
  remember(me)
  return answer
end

-- owner -> 'ok' and how many claims were given back
function steps.forget()
  local owner = ARGV[3]
  local mine, claims = registration(owner), claims_of(owner)
  if mine and mine.lease > now then return {'alive'} end
  if not mine and next(claims) == nil then return {'unknown'} end
  local count = 0
  for field in pairs(claims) do count = count + redis.call('HDEL', CLAIMS, field) end
  redis.call('HDEL', OWNERS, owner)
  return {'ok', text(count)}
end

-- A server that did not know this script was restarted or is another one: what it has may be old, or nothing.
if ARGV[1] == 'afresh' then begin() end
return steps[ARGV[2]]()
