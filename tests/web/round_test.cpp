// What the server's thread keeps to the end of a round, on an io_context that the test runs.

#include "web/transport/round.hpp"

#include <boost/asio/post.hpp>
#include <doctest/doctest.h>

#include <cstddef>
#include <memory>
#include <string>

using namespace beamline::web::transport;

namespace {

struct kept_things {
  boost::asio::io_context io{1};
  std::shared_ptr<round> rounds = std::make_shared<round>(io);
  std::string told;

  /// Says so when it is let go.
  std::shared_ptr<void> thing(std::string name) {
    return {&told, [this, name = std::move(name)](void*) { told += name; }};
  }
  void ready(std::string name) {
    boost::asio::post(io, [this, name = std::move(name)] { told += name; });
  }
};

}  // namespace

TEST_CASE("what is kept is let go behind everything that is ready") {
  kept_things k;
  boost::asio::post(k.io, [&] {
    k.rounds->keep(k.thing("A"));
    k.told += "1";
  });
  boost::asio::post(k.io, [&] {
    k.rounds->keep(k.thing("B"));
    k.told += "2";
  });
  k.ready("3");
  k.io.run();
  CHECK(k.told == "123AB");
  SUBCASE("and the next round keeps anew") {
    k.io.restart();
    boost::asio::post(k.io, [&] { k.rounds->keep(k.thing("C")); });
    k.ready("4");
    k.io.run();
    CHECK(k.told == "123AB4C");
  }
}

TEST_CASE("a round that has kept enough lets go early, of all of it") {
  kept_things k;
  boost::asio::post(k.io, [&] {
    for (std::size_t i = 0; i < round::kept_max - 1; ++i)
      k.rounds->keep(k.thing("."));
    k.told += "<";
    k.rounds->keep(k.thing("."));
    k.told += ">";
    k.rounds->keep(k.thing("!"));
  });
  k.ready("end");
  k.io.run();
  CHECK(k.told == "<" + std::string(round::kept_max, '.') + ">end!");
}

TEST_CASE("what is let go may keep something itself") {
  kept_things k;
  boost::asio::post(k.io, [&] {
    k.rounds->keep({&k.told, [&](void*) {
                      k.told += "A";
                      k.rounds->keep(k.thing("B"));
                    }});
  });
  k.io.run();
  CHECK(k.told == "AB");
}

TEST_CASE("a round that is stopped lets go at once, also of what comes later") {
  kept_things k;
  k.rounds->keep(k.thing("A"));
  CHECK(k.told.empty());
  k.rounds->stop();
  CHECK(k.told == "A");
  k.rounds->keep(k.thing("B"));
  CHECK(k.told == "AB");
  k.io.run();
  CHECK(k.told == "AB");
}
