#include "store/postgres/address.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <libpq-fe.h>

namespace beamline::store::postgres {

namespace {

// A server that has gone without a word is noticed within about fifteen seconds, by probes or by data not taken.
constexpr std::string_view watching =
    "keepalives_idle='5' keepalives_interval='3' keepalives_count='3' tcp_user_timeout='15000'";
// libpq lets no attempt take less.
constexpr std::int64_t connect_seconds_min = 2;

std::string quoted(std::string_view value) {
  auto out = std::string{"'"};
  for (char c : value) {
    if (c == '\'' || c == '\\')
      out += '\\';
    out += c;
  }
  return out + "'";
}

error unusable(std::string_view why) {
  return {errc::invalid, fmt::format("store.database_url (BEAMLINE_DATABASE_URL) {}; expected "
                                     "postgresql://user:password@host:5432/name, with special characters of user and "
                                     "password as %XX (\"@\" is %40, \"/\" is %2F); it is not shown here because it "
                                     "may hold a password",
                                     why)};
}

}  // namespace

result<address> address::parse(std::string_view url) {
  if (!url.starts_with("postgresql://") && !url.starts_with("postgres://"))
    return unusable("does not begin with postgresql://");
  if (url.find('\0') != std::string_view::npos)
    return unusable("has a zero byte in it");
  char* said = nullptr;
  const auto parsed = std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)>{
      PQconninfoParse(std::string{url}.c_str(), &said), &PQconninfoFree};
  PQfreemem(said);  // libpq quotes the URL.
  if (!parsed)
    return unusable("cannot be read");
  auto a = address{};
  std::string host, port, user, name;
  for (const auto* o = parsed.get(); o->keyword; ++o) {
    if (!o->val)
      continue;
    const auto key = std::string_view{o->keyword};
    const auto value = std::string_view{o->val};
    // Half of a password in which an "@", a "/" or a "?" was not written as %XX.
    if ((key == "host" || key == "dbname") && value.find('@') != std::string_view::npos)
      return unusable("has an \"@\" within its host or its name");
    if (key == "port" && value.find_first_not_of("0123456789,") != std::string_view::npos)
      return unusable("has a port that is no number");
    a.given_ += fmt::format("{}={} ", key, quoted(value));
    a.keys_ += fmt::format(" {} ", key);
    for (auto [known, field] : {std::pair{"host", &host}, {"port", &port}, {"user", &user}, {"dbname", &name}})
      if (key == known)
        *field = value;
  }
  a.text_ = fmt::format("postgresql://{}{}{}{}{}/{}", user, user.empty() ? "" : "@", host, port.empty() ? "" : ":",
                        port, name);
  return a;
}

std::string address::connection_string(const settings& s) const {
  auto out = given_;
  const auto add = [&](std::string_view key, std::string_view value) {
    if (keys_.find(fmt::format(" {} ", key)) == std::string::npos)
      out += fmt::format("{}={} ", key, quoted(value));
  };
  const auto seconds = std::max(connect_seconds_min, to_ms(s.connect_timeout) / 1000);
  add("connect_timeout", std::to_string(seconds));
  add("application_name", s.application_name);
  // Of several hosts, the one that takes writes.
  add("target_session_attrs", "read-write");
  out += watching;
  return out + " client_encoding='UTF8'";
}

}  // namespace beamline::store::postgres
