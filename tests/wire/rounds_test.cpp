// What a socket's handler leaves for the end of the round, over real sockets.

#include "wire/fixture.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <mutex>
#include <string>

using namespace beamline;
using namespace beamline::test;

namespace {

/// What was heard and what was let go, in order.
struct story {
  std::mutex mutex;
  std::string text;
  void add(const std::string& what) {
    auto lock = std::lock_guard{mutex};
    text += what;
  }
  [[nodiscard]] std::string now() {
    auto lock = std::lock_guard{mutex};
    return text;
  }
};

/// Echoes each message once the round is over.
class patient_handler final : public web::socket_handler {
public:
  explicit patient_handler(story& s) : story_{s} {}
  void on_open(std::shared_ptr<web::socket> s) override { socket_ = std::move(s); }
  void on_text(std::string message) override {
    story_.add(message);
    socket_->after_round({&story_, [this, message, socket = socket_](void*) {
                            story_.add("(" + message + ")");
                            socket->send(web::frame::text(message));
                          }});
  }
  void on_binary(std::string) override {}
  void on_closed(const web::close_reason&) override {}

private:
  story& story_;
  std::shared_ptr<web::socket> socket_;
};

}  // namespace

TEST_CASE("what came together is heard before anything kept for the end of the round is let go") {
  auto told = story{};
  auto server = running_server{[&](web::router& r) {
    r.websocket("/ws", [&](const web::request&) -> result<std::unique_ptr<web::socket_handler>> {
      return std::unique_ptr<web::socket_handler>{std::make_unique<patient_handler>(told)};
    });
  }};
  auto client = server.connect_socket();
  client.send(masked_frame(1, "a") + masked_frame(1, "b") + masked_frame(1, "c"));
  for (const auto* expected : {"a", "b", "c"}) {
    auto frame = client.read_frame();
    REQUIRE(frame);
    CHECK(frame->payload == expected);
  }
  CHECK(told.now() == "abc(a)(b)(c)");
  // Nothing is lost of a message alone, either.
  client.send(masked_frame(1, "d"));
  auto frame = client.read_frame();
  REQUIRE(frame);
  CHECK(frame->payload == "d");
  CHECK(told.now() == "abc(a)(b)(c)d(d)");
}
