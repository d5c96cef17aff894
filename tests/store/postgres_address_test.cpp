#include "store/postgres/address.hpp"

#include "store/postgres/errors.hpp"
#include "store/postgres/reconnect.hpp"
#include "support.hpp"

using namespace beamline;
using namespace beamline::store;
using namespace beamline::store::postgres;
using namespace beamline::store::test;

namespace {

const address::settings some_settings{"node@host", 7s};

bool has(const std::string& text, std::string_view words) { return text.find(words) != std::string::npos; }

}  // namespace

TEST_CASE("an address shows everything but the password, and libpq gets everything") {
  auto a = address::parse("postgresql://ann:s3cr%40t'x@db.example:5433/blog?sslmode=require");
  REQUIRE(a.ok());
  CHECK(a->text() == "postgresql://ann@db.example:5433/blog");
  const auto c = a->connection_string(some_settings);
  for (auto words : {"user='ann'", "password='s3cr@t\\'x'", "host='db.example'", "port='5433'", "dbname='blog'",
                     "sslmode='require'", "application_name='node@host'", "connect_timeout='7'",
                     "target_session_attrs='read-write'", "tcp_user_timeout='15000'", "client_encoding='UTF8'"})
    CHECK(has(c, words));
  CHECK(address::parse("postgres:///blog?host=/run/postgresql")->text() == "postgresql:///run/postgresql/blog");
  CHECK(address::parse("postgresql://a@h1:1,h2:2/x")->text() == "postgresql://a@h1,h2:1,2/x");
}

TEST_CASE("what the URL says goes before the settings") {
  auto a = address::parse("postgresql://h/x?application_name=mine&connect_timeout=3&target_session_attrs=any");
  REQUIRE(a.ok());
  const auto c = a->connection_string(some_settings);
  CHECK(has(c, "application_name='mine'"));
  CHECK_FALSE(has(c, "node@host"));
  CHECK(has(c, "connect_timeout='3'"));
  CHECK_FALSE(has(c, "read-write"));
}

TEST_CASE("a URL that cannot be used is refused without showing any of it") {
  for (auto url : {"", "mysql://u:hunter2@h/d", "host=h password=hunter2", "postgresql://u:hun/ter2@h/d",
                   "postgresql://u:hun@ter2@h/d", "postgresql://u:hunter2@h:port/d?x", "postgresql://u:1/hunter2@h/d",
                   "postgresql://u:hunter2@h/d?ssl=%", "postgresql://u:hunter2%zz@h/d"}) {
    CAPTURE(std::string{url});
    auto a = address::parse(url);
    check_error(as_void(a), errc::invalid, {"BEAMLINE_DATABASE_URL", "postgresql://user:password@host:5432/name"});
    CHECK_FALSE(has(a.error().message, "hunter2"));
    CHECK_FALSE(has(a.error().message, "ter2"));
  }
}

TEST_CASE("the server's codes become ours, and say what to do with the transaction") {
  const auto of = [](std::string_view state) {
    return diagnose(state, "ERROR:  words\nDETAIL: more", "\"db\"", "SELECT", false);
  };
  CHECK(of("23505").why == error{errc::exists, "words in \"SELECT\""});
  CHECK(of("23503").why.code == errc::conflict);
  CHECK(of("23502").why.code == errc::invalid);
  CHECK(of("42601").why.code == errc::invalid);
  CHECK(of("25006").why.code == errc::denied);
  CHECK(of("42501").why.code == errc::denied);
  CHECK(of("55P03").why.code == errc::unavailable);
  CHECK(of("53100").why.code == errc::io);
  CHECK(of("58030").why.code == errc::io);
  CHECK(of("XX001").why.code == errc::corrupt);
  CHECK(of("54000").why.code == errc::too_large);
  CHECK(of("57014").why.code == errc::timeout);
  CHECK(diagnose("57014", "x", "s", "q", true).why.code == errc::cancelled);
  for (auto state : {"08006", "57P01", "57P02", "57P03", "25P03"}) {
    CHECK(of(state).what == aftermath::lost);
    CHECK(of(state).why.code == errc::unavailable);
  }
  for (auto state : {"40001", "40P01"})
    CHECK(of(state).what == aftermath::to_repeat);
  CHECK(of("0A000").what == aftermath::failed);
  CHECK(diagnose("0A000", "cached plan must not change result type", "s", "q", false).what == aftermath::to_repeat);
  CHECK(of("23505").what == aftermath::failed);
}

TEST_CASE("a connection is tried again at once, then after pauses that double and differ, without an end") {
  auto now = time_point{} + 1h;
  auto plan = reconnect_plan{7};
  CHECK(plan.is_due(now));
  auto longest = duration{};
  for (int i = 0; i < 40; ++i) {
    plan.on_failed(now);
    CHECK_FALSE(plan.is_due(now));
    const auto full = std::min<duration>(reconnect_pause_max, reconnect_pause_min * (1LL << std::min(i, 20)));
    const auto left = plan.time_left(now);
    CHECK(left <= full);
    CHECK(left >= full / 2);
    longest = std::max(longest, left);
    now += left;
    CHECK(plan.is_due(now));
  }
  CHECK(longest > reconnect_pause_max / 2);
  CHECK(plan.failures() == 40);
  plan.on_connected();
  CHECK(plan.is_due(now));
  CHECK(plan.failures() == 0);
  auto other = reconnect_plan{8};
  plan.on_failed(now);
  other.on_failed(now);
  CHECK(plan.time_left(now) != other.time_left(now));
}
