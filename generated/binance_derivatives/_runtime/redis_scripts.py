"""The steps of a ledger as Lua scripts, each of which Redis runs as one.

Keys: the common count of answered calls, then for each counter a hash and two sorted sets of calls (`number:cost`):
those on their way, by when they are given up, and those answered, by when they stop counting. Times are milliseconds of
Redis' clock.
"""

from __future__ import annotations

__all__ = ["ALL", "BLOCK", "CANCEL", "RESERVE", "SETTLE", "STATE"]

_COMMON = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

local function number(hash, name)
  return tonumber(redis.call('HGET', hash, name) or 0)
end

local function cost_of(member)
  return tonumber(string.match(member, ':(%d+)$'))
end

-- Drops what has stopped counting. A call that was never settled belongs to a process that has died.
local function expire(hash, flying, aging)
  local total, answered = 0, 0
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', flying, '-inf', now)) do
    total = total + cost_of(member)
    answered = answered + cost_of(member)
  end
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', aging, '-inf', now)) do
    total = total + cost_of(member)
  end
  redis.call('ZREMRANGEBYSCORE', flying, '-inf', now)
  redis.call('ZREMRANGEBYSCORE', aging, '-inf', now)
  if total > 0 then redis.call('HINCRBY', hash, 'total', -total) end
  if answered > 0 then redis.call('HINCRBY', hash, 'answered', answered) end
end

-- The exchange's figures that still hold: their bounds on what it has counted, and when they end.
local function bounds(hash)
  local found = {}
  local reserved = number(hash, 'reserved')
  for _, source in ipairs({'rest', 'ws_api'}) do
    local ends = number(hash, 'ends:' .. source)
    if ends > now then table.insert(found, {number(hash, 'base:' .. source) + reserved, ends}) end
  end
  return found
end

local function used(hash)
  local most = number(hash, 'total')
  for _, bound in ipairs(bounds(hash)) do most = math.max(most, bound[1]) end
  return most
end

local function limit_of(hash, stated)
  local seen = number(hash, 'limit')
  if seen > 0 then return seen end
  return tonumber(stated)
end
"""

RESERVE = (
    _COMMON
    + """
local function wait_for(hash, aging, cost, limit)
  local wait = 1
  local missing = number(hash, 'total') + cost - limit
  local rows = redis.call('ZRANGE', aging, 0, -1, 'WITHSCORES')
  for i = 1, #rows, 2 do
    if missing <= 0 then break end
    missing = missing - cost_of(rows[i])
    wait = math.max(wait, rows[i + 1] - now)
  end
  if missing > 0 then wait = math.max(wait, 20) end
  for _, bound in ipairs(bounds(hash)) do
    if bound[1] + cost > limit then wait = math.max(wait, bound[2] - now) end
  end
  return wait
end

local call, force, grace = ARGV[1], ARGV[2] == '1', tonumber(ARGV[3])
local worst = nil
local counters = (#KEYS - 1) / 3
for i = 1, counters do
  local hash, flying, aging = KEYS[3 * i - 1], KEYS[3 * i], KEYS[3 * i + 1]
  local cost, limit = tonumber(ARGV[3 * i + 1]), limit_of(hash, ARGV[3 * i + 2])
  expire(hash, flying, aging)
  if not force then
    local blocked = number(hash, 'blocked')
    local taken = used(hash)
    if blocked > now then
      if worst == nil or blocked - now > worst[5] then
        worst = {0, i, taken, limit, blocked - now, number(hash, 'banned')}
      end
    elseif cost > limit then
      return {0, i, taken, limit, -1, 0}
    elseif cost > 0 and taken + cost > limit then
      local wait = wait_for(hash, aging, cost, limit)
      if worst == nil or wait > worst[5] then worst = {0, i, taken, limit, wait, 0} end
    end
  end
end
if worst ~= nil then return worst end

local answer = {1, tonumber(redis.call('GET', KEYS[1]) or 0)}
for i = 1, counters do
  local hash, flying, aging = KEYS[3 * i - 1], KEYS[3 * i], KEYS[3 * i + 1]
  local cost, hold = tonumber(ARGV[3 * i + 1]), tonumber(ARGV[3 * i + 3])
  if cost > 0 then
    redis.call('ZADD', flying, now + grace, call .. ':' .. cost)
    redis.call('HINCRBY', hash, 'total', cost)
    redis.call('HINCRBY', hash, 'reserved', cost)
  end
  table.insert(answer, number(hash, 'answered'))
  local life = 2 * (hold + grace)
  for _, key in ipairs({hash, flying, aging}) do
    if redis.call('PTTL', key) < life then redis.call('PEXPIRE', key, life) end
  end
end
return answer
"""
)

SETTLE = (
    _COMMON
    + """
local call, source, sent = ARGV[1], ARGV[2], tonumber(ARGV[3])
local moment = redis.call('INCR', KEYS[1])
for i = 1, (#KEYS - 1) / 3 do
  local hash, flying, aging = KEYS[3 * i - 1], KEYS[3 * i], KEYS[3 * i + 1]
  local at = 5 * i - 1
  local cost, answered, hold = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local figure, limit = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  local life = 2 * hold
  if cost > 0 then
    local member = call .. ':' .. cost
    if redis.call('ZREM', flying, member) == 1 then
      redis.call('HINCRBY', hash, 'answered', cost)
    else
      redis.call('HINCRBY', hash, 'total', cost)
    end
    redis.call('ZADD', aging, now + hold, member)
  end
  if figure >= 0 then
    if limit > 0 then redis.call('HSET', hash, 'limit', limit) end
    local base = figure - answered - cost
    local old = number(hash, 'ends:' .. source)
    if old <= now or sent >= number(hash, 'moment:' .. source) or base >= number(hash, 'base:' .. source) then
      redis.call('HSET', hash, 'base:' .. source, base, 'ends:' .. source, now + hold, 'moment:' .. source, moment)
    end
  end
  for _, key in ipairs({hash, flying, aging}) do
    if redis.call('PTTL', key) < life then redis.call('PEXPIRE', key, life) end
  end
end
return 1
"""
)

CANCEL = (
    _COMMON
    + """
for i = 1, (#KEYS - 1) / 3 do
  local hash, flying = KEYS[3 * i - 1], KEYS[3 * i]
  local cost = tonumber(ARGV[i + 1])
  if cost > 0 and redis.call('ZREM', flying, ARGV[1] .. ':' .. cost) == 1 then
    redis.call('HINCRBY', hash, 'total', -cost)
    redis.call('HINCRBY', hash, 'reserved', -cost)
  end
end
return 1
"""
)

BLOCK = (
    _COMMON
    + """
local ends = now + tonumber(ARGV[1])
for i = 1, (#KEYS - 1) / 3 do
  local hash = KEYS[3 * i - 1]
  if ends >= number(hash, 'blocked') then
    redis.call('HSET', hash, 'blocked', ends, 'banned', ARGV[2])
    if redis.call('PTTL', hash) < tonumber(ARGV[1]) then redis.call('PEXPIRE', hash, ARGV[1]) end
  end
end
return 1
"""
)

STATE = (
    _COMMON
    + """
local states = {}
for i = 1, (#KEYS - 1) / 3 do
  local hash, flying, aging = KEYS[3 * i - 1], KEYS[3 * i], KEYS[3 * i + 1]
  expire(hash, flying, aging)
  local ends = now
  for _, key in ipairs({flying, aging}) do
    local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')
    if last[2] then ends = math.max(ends, tonumber(last[2])) end
  end
  for _, bound in ipairs(bounds(hash)) do
    if bound[1] > 0 then ends = math.max(ends, bound[2]) end
  end
  table.insert(states, {
    limit_of(hash, ARGV[i]), used(hash), ends - now, math.max(0, number(hash, 'blocked') - now)
  })
end
return states
"""
)

ALL = (RESERVE, SETTLE, CANCEL, BLOCK, STATE)
