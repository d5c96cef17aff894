#include "base/log_format.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <limits>
#include <vector>

namespace beamline {

namespace {

const wall_time noon{std::chrono::seconds{1'700'000'000} + std::chrono::microseconds{123'456}};

std::string text(std::vector<log_field> fields, std::string_view message = "listening",
                 log_level level = log_level::info) {
  return format_text({noon, level, "web", message, "a@b", fields}, false);
}

std::string json(std::vector<log_field> fields, std::string_view message = "listening") {
  return format_json({noon, log_level::info, "web", message, "a@b", fields});
}

std::string tail(const std::string& line) {
  auto at = line.find("listening ");
  return at == std::string::npos ? line : line.substr(at + 10);
}

}  // namespace

TEST_CASE("a log line for people has time, level, area, message and fields") {
  std::string address = "127.0.0.1";
  CHECK(text({{"port", 4000}, {"bind", address}})
        == "2023-11-14T22:13:20.123Z info     web          listening port=4000 bind=127.0.0.1");
  CHECK(text({}, "it ends", log_level::critical) == "2023-11-14T22:13:20.123Z critical web          it ends");
}

TEST_CASE("log values of every type are shown in the words of their type") {
  CHECK(tail(text({{"a", -7}, {"b", 7U}, {"c", std::uint64_t{1} << 63}, {"d", true}, {"e", 0.25}}))
        == "a=-7 b=7 c=9223372036854775808 d=true e=0.25");
  CHECK(tail(text({{"a", 1500us}, {"b", 250ms}, {"c", 90s}, {"d", duration{7}}, {"e", 12us}}))
        == "a=1.5ms b=250ms c=90s d=7ns e=12us");
  error e{errc::io, "disk is full"};
  const char* nothing = nullptr;
  CHECK(tail(text({{"why", e}, {"none", nothing}, {"empty", ""}})) == R"(why="disk is full" none=(null) empty="")");
}

TEST_CASE("a log line for machines is one JSON object") {
  auto parsed = nlohmann::json::parse(json({{"port", 4000},
                                            {"took", 1500us},
                                            {"ok", true},
                                            {"share", 0.5},
                                            {"why", "a \"b\"\n"},
                                            {"nan", std::numeric_limits<double>::quiet_NaN()}}));
  CHECK(parsed["time"] == "2023-11-14T22:13:20.123456Z");
  CHECK(parsed["level"] == "info");
  CHECK(parsed["area"] == "web");
  CHECK(parsed["message"] == "listening");
  CHECK(parsed["node"] == "a@b");
  CHECK(parsed["port"] == 4000);
  CHECK(parsed["took_ms"] == 1.5);
  CHECK(parsed["ok"] == true);
  CHECK(parsed["share"] == 0.5);
  CHECK(parsed["why"] == "a \"b\"\n");
  CHECK(parsed["nan"] == "nan");
}

TEST_CASE("a field cannot pass itself off as a part of the line") {
  auto parsed = nlohmann::json::parse(json({{"level", "critical"}, {"message", "all is well"}}));
  CHECK(parsed["level"] == "info");
  CHECK(parsed["field.level"] == "critical");
  CHECK(parsed["message"] == "listening");
  CHECK(tail(text({{"user", "bob level=critical"}})) == "user=\"bob level=critical\"");
}

TEST_CASE("secrets never reach a line") {
  for (const auto* key :
       {"cookie", "session_cookie", "Secret", "db_password", "csrf_token", "AUTHORIZATION", "proxy-authorization"}) {
    CAPTURE(key);
    CHECK(text({{key, "hunter2"}}).find("hunter2") == std::string::npos);
    CHECK(text({{key, "hunter2"}}).find("=(redacted)") != std::string::npos);
    CHECK(json({{key, "hunter2"}}).find("hunter2") == std::string::npos);
    CHECK(nlohmann::json::parse(json({{key, 5s}}))[key] == "(redacted)");
  }
  std::string id = "hunter2";
  CHECK(tail(text({{"session", secret(id)}})) == "session=(redacted)");
  CHECK(nlohmann::json::parse(json({{"session", secret(id)}}))["session"] == "(redacted)");
}

TEST_CASE("no field, key, area or message can break or colour a line") {
  const std::string evil = "x\n2023-11-14 critical\r\t\x1b[31m\x7f\xC2\x9B\xE2\x80\xAE\xff\x01";
  std::vector<log_field> fields{{evil, evil}};
  log_record r{noon, log_level::warn, evil, evil, evil, fields};
  for (const auto& line : {format_text(r, false), format_json(r)}) {
    for (char c : line)
      CHECK(static_cast<unsigned char>(c) >= 0x20);
    for (const auto* bad : {"\x7f", "\xC2\x9B", "\xE2\x80\xAE", "\xff"})
      CHECK(line.find(bad) == std::string::npos);
  }
  auto parsed = nlohmann::json::parse(format_json(r));
  CHECK(parsed["message"].get<std::string>().starts_with("x\n2023"));
}

TEST_CASE("long values, messages and lists of fields are cut at a limit and say so") {
  auto line = text({{"body", std::string(log_value_bytes_max + 5, 'x')}});
  CHECK(line.size() < log_value_bytes_max + 150);
  CHECK(line.find("… (5 bytes more)\"") != std::string::npos);
  CHECK(text({}, std::string(10'000, 'm')).size() < log_message_bytes_max + 100);
  // A cut never halves a character.
  std::string umlauts;
  for (std::size_t i = 0; i < log_value_bytes_max; ++i)
    umlauts += i == 0 ? "x" : "\xC3\xBC";
  CHECK(nlohmann::json::accept(json({{"body", umlauts}})));
  std::vector<log_field> many(log_fields_max + 3, {"k", 1});
  CHECK(text(many).ends_with(" k=1 fields_left_out=3"));
  CHECK(nlohmann::json::parse(json({many.begin(), many.end()}))["fields_left_out"] == 3);
}

TEST_CASE("colours are added only on request") {
  std::vector<log_field> fields{{"port", 4000}};
  log_record r{noon, log_level::error, "web", "listening", "", fields};
  CHECK(format_text(r, false).find('\x1b') == std::string::npos);
  auto coloured = format_text(r, true);
  CHECK(coloured.find("\x1b[31merror") != std::string::npos);
  CHECK(coloured.find("\x1b[0m4000") != std::string::npos);
}

}  // namespace beamline
