#include "program/control/protocol.hpp"

#include "base/config/suggest.hpp"
#include "base/config/value.hpp"
#include "program/control/limits.hpp"

#include <algorithm>
#include <array>

namespace beamline::program::control {

namespace {

constexpr std::string_view form = R"({"verb":"help"})";
constexpr std::array members{"version", "verb", "positional", "arguments", "timeout_ms", "node"};

error bad(std::string text) { return {errc::invalid, std::move(text)}; }

std::string line(const json& value) { return dump_json(value) + "\n"; }

result<void> check_members(const json& all) {
  for (const auto& [name, ignored] : all.items())
    if (std::ranges::find(members, name) == members.end()) {
      auto meant = config::closest(name, {members.begin(), members.end()});
      return bad("the request has an unknown member " + shown(name)
                 + (meant.empty() ? "; it may have version, verb, positional, arguments, timeout_ms and node"
                                  : "; did you mean \"" + meant + "\"?"));
    }
  return {};
}

result<void> check_version(const json& all) {
  const auto* given = find_field(all, "version");
  if (given == nullptr)
    return {};
  auto version = find_int(all, "version");
  if (!version || *version < 1)
    return bad("the request's version is " + shown(dump_json(*given)) + ", expected a number from 1");
  if (*version > protocol_version)
    return error{errc::unsupported, "the request is of version " + std::to_string(*version)
                                        + " of the control protocol, this node speaks version "
                                        + std::to_string(protocol_version)
                                        + "; use the beamline program that this node runs"};
  return {};
}

result<std::vector<std::string>> read_positional(const json& all) {
  std::vector<std::string> out;
  const auto* given = find_field(all, "positional");
  if (given == nullptr)
    return out;
  auto is_good = given->is_array() && given->size() <= positional_max
              && std::ranges::all_of(*given, [](const json& one) { return one.is_string(); });
  if (!is_good)
    return bad("the request's positional arguments must be a list of at most " + std::to_string(positional_max)
               + " texts");
  for (const auto& one : *given)
    out.push_back(one.get<std::string>());
  return out;
}

result<std::optional<duration>> read_timeout(const json& all) {
  const auto* given = find_field(all, "timeout_ms");
  if (given == nullptr)
    return std::optional<duration>{};
  auto ms = find_int(all, "timeout_ms");
  if (!ms || *ms < 1 || *ms > to_ms(answer_time_max))
    return bad("the request's timeout_ms is " + shown(dump_json(*given)) + ", expected a whole number from 1 to "
               + std::to_string(to_ms(answer_time_max)));
  return std::optional<duration>{std::chrono::milliseconds{*ms}};
}

}  // namespace

std::string shown(std::string_view text) {
  if (text.size() <= shown_bytes_max)
    return config::quote(text);
  return config::quote(text.substr(0, shown_bytes_max)) + " and " + std::to_string(text.size() - shown_bytes_max)
       + " more bytes";
}

result<request> parse_request(std::string_view text) {
  auto parsed = parse_json(text, {.bytes_max = request_bytes_max, .depth_max = request_depth_max});
  if (!parsed)
    return parsed.error().in("the request is not one line of JSON such as " + std::string{form});
  const json& all = *parsed;
  if (!all.is_object())
    return bad("the request is " + std::string{all.type_name()} + ", expected an object such as " + std::string{form});
  // The version first: what else a later one means is unknown.
  if (auto ok = check_version(all); !ok)
    return ok.error();
  if (auto ok = check_members(all); !ok)
    return ok.error();
  request out;
  const auto* verb = find_string(all, "verb");
  if (verb == nullptr || verb->empty())
    return bad("the request names no verb, expected " + std::string{form});
  out.verb = *verb;
  auto positional = read_positional(all);
  if (!positional)
    return positional.error();
  out.positional = std::move(*positional);
  if (const auto* given = find_field(all, "arguments")) {
    if (!given->is_object())
      return bad("the request's arguments are " + std::string{given->type_name()}
                 + R"(, expected an object such as {"name":"web/sessions"})");
    out.arguments = *given;
  }
  auto timeout = read_timeout(all);
  if (!timeout)
    return timeout.error();
  out.timeout = *timeout;
  if (const auto* given = find_field(all, "node")) {
    if (!given->is_string())
      return bad("the request's node is " + std::string{given->type_name()} + ", expected text such as \"name@host\"");
    out.node = given->get<std::string>();
  }
  return out;
}

std::string encode(const request& r) {
  json out{{"version", protocol_version}, {"verb", r.verb}};
  if (!r.positional.empty())
    out["positional"] = r.positional;
  if (!r.arguments.empty())
    out["arguments"] = r.arguments;
  if (r.timeout)
    out["timeout_ms"] = to_ms(*r.timeout);
  if (!r.node.empty())
    out["node"] = r.node;
  return line(out);
}

std::string encode_item(const json& value) { return line(json{{"item", value}}); }

std::string encode_alive() { return line(json{{"alive", true}}); }

std::string encode_result(const json& value, std::uint64_t dropped) {
  json out{{"ok", true}, {"result", value}, {"version", protocol_version}};
  if (dropped > 0)
    out["dropped"] = dropped;
  return line(out);
}

std::string encode_error(const error& e, const json& details) {
  json what{{"code", to_string(e.code)}, {"message", e.message}};
  if (!details.is_null())
    what["details"] = details;
  return line(json{{"ok", false}, {"error", std::move(what)}, {"version", protocol_version}});
}

result<reply> parse_reply(std::string_view text) {
  auto parsed = parse_json(text, {.bytes_max = answer_bytes_max + request_bytes_max, .depth_max = 256});
  if (!parsed)
    return error{errc::corrupt, "the node's answer is not JSON: " + parsed.error().message};
  reply out;
  if (const auto* item = find_field(*parsed, "item")) {
    out.what = reply::kind::item;
    out.value = *item;
    return out;
  }
  if (find_bool(*parsed, "alive"))
    return out;
  auto version = find_int(*parsed, "version").value_or(protocol_version);
  if (version > protocol_version)
    return error{errc::unsupported, "the node answers in version " + std::to_string(version)
                                        + " of the control protocol, this program speaks version "
                                        + std::to_string(protocol_version) + "; use the program that the node runs"};
  auto is_ok = find_bool(*parsed, "ok");
  out.dropped = static_cast<std::uint64_t>(std::max<std::int64_t>(0, find_int(*parsed, "dropped").value_or(0)));
  if (const auto* value = find_field(*parsed, "result"); is_ok == true && value != nullptr) {
    out.what = reply::kind::result;
    out.value = *value;
    return out;
  }
  if (const auto* what = find_object(*parsed, "error"); is_ok == false && what != nullptr) {
    const auto* code = find_string(*what, "code");
    const auto* message = find_string(*what, "message");
    if (code != nullptr && message != nullptr) {
      const auto* details = find_field(*what, "details");
      out.what = reply::kind::failure;
      out.failed = {*code, *message, details == nullptr ? json{} : *details};
      return out;
    }
  }
  return error{errc::corrupt, "the node's answer is neither a result nor an error: " + shown(text)};
}

}  // namespace beamline::program::control
