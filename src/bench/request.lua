-- Sends the requests of a file in random order. A line is method, path, token and body, separated by tabs; {unique} in
-- a body becomes a text that was never sent before.
--
-- wrk -s request.lua URL -- FILE EXPECTED_STATUS WINDOW_NUMBER

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(args)
  sent, odd = 0, 0
  requests = {}
  window = args[3]
  math.randomseed(window * 1000 + number)
  for line in io.lines(args[1]) do
    local method, path, token, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
    local headers = {}
    if token ~= "" then headers["Authorization"] = "Bearer " .. token end
    if body ~= "" then headers["Content-Type"] = "application/json" end
    if body:find("{unique}", 1, true) then
      table.insert(requests, function()
        local unique = "w" .. window .. "t" .. number .. "n" .. sent
        return wrk.format(method, path, headers, (body:gsub("{unique}", unique)))
      end)
    else
      table.insert(requests, wrk.format(method, path, headers, body ~= "" and body or nil))
    end
  end
  -- wrk itself counts statuses from 400; only where one of these is expected are statuses looked at, which costs
  expected = tonumber(args[2])
  if expected >= 400 then
    response = function(status)
      if status ~= expected then odd = odd + 1 end
    end
  end
end

function request()
  sent = sent + 1
  local chosen = requests[math.random(#requests)]
  return type(chosen) == "function" and chosen() or chosen
end

function done(summary, latency)
  local sent, odd, expected = -1, 0, 0 -- wrk asks for one request before it starts, and does not send it
  for _, thread in ipairs(threads) do
    sent = sent + thread:get("sent")
    odd = odd + thread:get("odd")
    expected = thread:get("expected")
  end
  if expected < 400 then odd = summary.errors.status end
  local broken = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format("BENCH %d %d %d %d %d %d %d %d\n", summary.duration, summary.requests, sent, odd, broken,
    latency:percentile(50), latency:percentile(90), latency:percentile(99)))
end
