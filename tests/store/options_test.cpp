#include "store/options.hpp"

#include "base/config/schema.hpp"
#include "support.hpp"

using namespace beamline;
using namespace beamline::store;
using namespace beamline::store::test;

namespace {

config::loaded load(std::string text, config::handle<store_options>& h) {
  auto schema = config::schema{};
  h = schema.add(store_section());
  auto from = config::sources{};
  from.texts.emplace_back("test.toml", std::move(text));
  return schema.load(from);
}

}  // namespace

TEST_CASE("the store section reads every key, and its defaults are the struct's") {
  auto h = config::handle<store_options>{};
  CHECK(load("", h).get(h).path == store_options{}.path);
  auto c = load("[store]\npath = \"data/x.db\"\nqueue_max = 10\nbatch_max = 5\nreaders = 0\nbusy_timeout = \"1s\"\n"
                "size_max = \"2GiB\"\ncheck_size_max = \"0B\"\nconnect_timeout = \"2s\"\n",
                h);
  REQUIRE(c.ok());
  const auto& o = c.get(h);
  CHECK(o.path == "data/x.db");
  CHECK(o.queue_max == 10);
  CHECK(o.batch_max == 5);
  CHECK(o.readers == 0);
  CHECK(o.busy_timeout == 1s);
  CHECK(o.size_max == 2_GiB);
  CHECK(o.check_size_max == config::byte_size{0});
  CHECK(o.connect_timeout == 2s);
}

TEST_CASE("the store section refuses values out of bounds and readers of a database in memory") {
  auto h = config::handle<store_options>{};
  CHECK_FALSE(load("[store]\nqueue_max = 0\n", h).ok());
  CHECK_FALSE(load("[store]\nbatch_max = 100000\n", h).ok());
  CHECK_FALSE(load("[store]\nsize_max = \"1KiB\"\n", h).ok());
  CHECK_FALSE(load("[store]\npath = \"\"\n", h).ok());
  auto c = load("[store]\npath = \":memory:\"\n", h);
  REQUIRE(c.problems().size() == 1);
  CHECK(c.problems().front().find("readers") != std::string::npos);
}

TEST_CASE("BEAMLINE_DATABASE_URL names the database server and is shown to nobody") {
  auto schema = config::schema{};
  auto h = schema.add(store_section());
  auto from = config::sources{};
  from.environment = {{"BEAMLINE_DATABASE_URL", "postgresql://ann:hunter2@h/d"}};
  auto c = schema.load(from);
  REQUIRE(c.ok());
  CHECK(c.get(h).database_url == "postgresql://ann:hunter2@h/d");
  const auto shown = config::dump(c);
  CHECK(shown.find("database_url") != std::string::npos);
  CHECK(shown.find("hunter2") == std::string::npos);
  from.environment = {{"BEAMLINE_DATABASE_URL", "postgresql://ann:hunter2@h/" + std::string(5000, 'x')}};
  auto refused = schema.load(from);
  REQUIRE(refused.problems().size() == 1);
  CHECK(refused.problems().front().find("hunter2") == std::string::npos);
}
