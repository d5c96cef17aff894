#include "net/outbox/options.hpp"

#include "base/config/schema.hpp"

#include <doctest/doctest.h>

using namespace beamline;

namespace {

config::loaded load(std::vector<std::pair<std::string, std::string>> flags) {
  config::schema all;
  (void)all.add(net::outbox::outbox_section());
  config::sources from;
  from.flags = std::move(flags);
  return all.load(from);
}

}  // namespace

TEST_CASE("the outbox has sensible defaults, and says what is wrong with a value") {
  CHECK(load({}).ok());
  CHECK(load({{"outbox.entries_max", "500"}, {"outbox.durable", "false"}}).ok());
  CHECK_FALSE(load({{"outbox.entries_max", "0"}}).ok());
  CHECK_FALSE(load({{"outbox.bytes_max", "1KiB"}}).ok());
  // Longer, and whoever submits an event would be told that it is refused while it is kept.
  CHECK(load({{"outbox.call_time", "8s"}}).ok());
  CHECK_FALSE(load({{"outbox.call_time", "8001ms"}}).ok());
  auto both = load({{"outbox.retry_min", "2m"}, {"outbox.retry_max", "1m"}});
  REQUIRE_FALSE(both.ok());
  CHECK(both.problems().front().find("retry_min") != std::string::npos);
}
