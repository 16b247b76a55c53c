-- {"code":5,"message":…,"details":[…]} becomes {"error":{"code":404,"status":"NOT_FOUND","message":…,"details":[…]}}.
local NAMES = {
  "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE",
  "DATA_LOSS", "UNAUTHENTICATED",
}
function envoy_on_response(answer)
  local status = tonumber(answer:headers():get(":status"))
  if status < 400 or answer:headers():get("content-type") ~= "application/json" then return end
  local body = answer:body()
  if not body then return end
  local code, rest = body:getBytes(0, body:length()):match('^{"code":(%d+)(.*)$')
  if not code then return end
  local name = NAMES[tonumber(code)] or "UNKNOWN"
  answer:headers():replace("content-length", body:setBytes('{"error":{"code":' .. status .. ',"status":"' .. name .. '"' .. rest .. "}"))
end
