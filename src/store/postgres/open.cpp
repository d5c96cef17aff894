#include "store/postgres/open.hpp"

#include "store/events.hpp"
#include "store/postgres/core.hpp"

#include <utility>

#include <fmt/format.h>

namespace beamline::store::postgres {

namespace {

constexpr std::string_view facts_sql =
    "SELECT current_setting('server_encoding'), current_setting('server_version_num'), "
    "  current_setting('server_version'), pg_is_in_recovery(), "
    "  coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)";
// "150003" is 15.3.
constexpr int version_parts = 10'000;

error refusal(errc code, const std::string& server, std::string_view why) {
  return {code, fmt::format("cannot use the database {}: {}", server, why)};
}

result<void> check_fitness(session& s, const std::string& server) {
  std::string encoding, version_number, version;
  bool is_standby = false;
  bool may_create = false;
  auto asked = s.run_own(facts_sql, [&](const row& r) {
    encoding = r.get<std::string>(0);
    version_number = r.get<std::string>(1);
    version = r.get<std::string>(2);
    is_standby = r.get<bool>(3);
    may_create = r.get<bool>(4);
  });
  if (!asked)
    return asked;
  if (std::stoi(version_number) / version_parts < server_version_min)
    return refusal(errc::unsupported, server,
                   fmt::format("the server has version {}, at least {} is needed", version, server_version_min));
  if (encoding != "UTF8")
    return refusal(errc::unsupported, server,
                   fmt::format("its encoding is {}; create one with ENCODING 'UTF8' TEMPLATE template0", encoding));
  if (is_standby)
    return refusal(errc::unsupported, server, "it is a standby, which takes no writes; name the primary");
  if (!may_create)
    return refusal(errc::denied, server,
                   "the role may not create tables; GRANT CREATE ON SCHEMA public, or make it the owner");
  return {};
}

}  // namespace

result<connections> open(const open_options& opts, telemetry& events, const clock& time) {
  auto server = address::parse(opts.url);
  if (!server)
    return server.error();
  const auto options = session::options{*server, {opts.application_name, opts.connect_timeout}, opts.lock_timeout};
  auto opened = connections{};
  for (std::size_t i = 0; i <= opts.readers; ++i) {
    auto made = session::connect(options);
    if (!made)
      return made.error().in("cannot open the store");
    if (i == 0)
      if (auto fit = check_fitness(**made, server->text()); !fit)
        return fit.error();
    const auto role = i == 0 ? postgres_core::role::writer : postgres_core::role::reader;
    const auto seed = static_cast<std::uint64_t>(time.wall_now().time_since_epoch().count()) + i;
    auto one =
        std::make_unique<postgres_core>(options, role, seed, std::move(*made), postgres_core::parts{events, time});
    if (i == 0)
      opened.writer = std::move(one);
    else
      opened.readers.push_back(std::move(one));
    events.emit(connected{server->text(), i == 0 ? "writer" : "reader", 1});
  }
  return opened;
}

}  // namespace beamline::store::postgres
