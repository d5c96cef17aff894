// What is decided against a node while it is on its way in counts, at whichever moment: found by reading, kept here.

#include "net/links/linked_cluster.hpp"

#include <functional>

using namespace beamline;
using namespace beamline::testing;
using namespace beamline::testing::test;

namespace {

/// b dials a, and a few milliseconds later something is decided on a.
void decide_on_the_way(const std::function<void(net::links&)>& decide,
                       const std::function<void(linked_cluster&)>& check) {
  std::size_t was_up = 0, was_not = 0;
  for_each_seed(200, [&](world& w) {
    linked_cluster c{w, {"a@sim", "b@sim"}, {}, false};
    w.advance(10ms);
    c.links["b@sim"]->connect("a@sim");
    w.pass(duration{static_cast<duration::rep>(w.derive_seed(7) % 20'000'000)});
    decide(c.links["a@sim"]->links());
    w.advance(300ms);
    CHECK_FALSE(c.links["a@sim"]->is_linked_with("b@sim"));
    CHECK_FALSE(c.links["b@sim"]->is_linked_with("a@sim"));
    CHECK(w.network().connections() == 0);
    ++(c.diaries["a@sim"].has("up " + c.id("b@sim")) ? was_up : was_not);
    check(c);
  });
  CHECK(was_up > 20);
  CHECK(was_not > 20);
}

}  // namespace

TEST_CASE("a node that is banned while it proves itself does not come up") {
  decide_on_the_way([](net::links& a) { a.ban("b@sim", 1s); },
                    [](linked_cluster& c) {
                      c.w.advance(1s);
                      c.links["b@sim"]->connect("a@sim");
                      c.w.advance(100ms);
                      CHECK(c.are_linked("a@sim", "b@sim"));
                    });
}

TEST_CASE("a key that is revoked while a node proves itself with it counts no more") {
  decide_on_the_way(
      [](net::links& a) {
        net::keyring other;
        other.current = {"9", "a cookie that came in the meantime"};
        a.use_keys(other);
      },
      [](linked_cluster&) {});
}
