-- For wrk: sends the requests of a file, drawn at random with a fixed seed, and prints one line of JSON at the end.
--
--   wrk ... -s load.lua URL -- FILE TOKEN        each line of FILE: method TAB path TAB body (may be empty)

local requests = {}

function init(arguments)
    local headers = { ["Authorization"] = "Bearer " .. arguments[2], ["Content-Type"] = "application/json" }
    for line in io.lines(arguments[1]) do
        local method, path, body = line:match("^(%S+)\t([^\t]+)\t(.*)$")
        requests[#requests + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
    end
    math.randomseed(1)
end

function request()
    return requests[math.random(#requests)]
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        'WRK {"requests": %d, "seconds": %.6f, "bytes": %d, "p50_us": %d, "p99_us": %d, "max_us": %d, "mean_us": %.1f, "failed": %d}\n',
        summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50), latency:percentile(99), latency.max,
        latency.mean, errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
