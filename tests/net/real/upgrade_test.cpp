// Nodes of two releases in one cluster. That the octets of the release before are still understood is shown by the
// recorded handshakes of tests/net/auth/recording_test.cpp, and by the recorded frames in tests/fuzz/corpus, which
// tests/fuzz/replay_test.cpp plays back.

#include "net/real/busy_link.hpp"
#include "net/real/real_node.hpp"

using namespace beamline;
using namespace beamline::testing;

namespace {

namespace before {

struct item {
  std::string name;
  std::int64_t count = 0;
  BEAMLINE_MESSAGE(item, "real.item", 1, name, count)
};
struct memo {
  std::string text;
  BEAMLINE_MESSAGE(memo, "real.memo", 1, text)
};

}  // namespace before

namespace after {

/// Wrong: a field that has another type now.
struct item {
  std::string name;
  std::string count;
  BEAMLINE_MESSAGE(item, "real.item", 1, name, count)
};
/// As it should be: a field more, at the end.
struct memo {
  std::string text;
  std::int64_t urgency = 5;
  BEAMLINE_MESSAGE(memo, "real.memo", 2, text, urgency)
};

}  // namespace after

std::string to_text(const before::memo& m) { return m.text; }
std::string to_text(const after::memo& m) { return m.text + " " + std::to_string(m.urgency); }

/// Notes memos; answers how long the text of an item's name is.
template <class Item, class Memo>
class clerk final : public process {
public:
  clerk(process_context& c, journal& into) : process{c}, into_{into} {}
  behavior init() override {
    (void)register_as("clerk");
    return handlers([](const Item& i) { return static_cast<std::int64_t>(i.name.size()); },
                    [this](const Memo& m) { into_.note("memo " + to_text(m)); });
  }

private:
  journal& into_;
};

template <class... Ms>
real_node_options of_release(std::string name) {
  auto contract = real_contract();
  contract.add<Ms...>();
  real_node_options o;
  o.name = std::move(name);
  o.contract = contract;
  return o;
}

}  // namespace

TEST_CASE("nodes of link protocol 1 and 2 link, and messages cross; only the newer ones know their latency") {
  auto ticking = [](std::string name, std::uint32_t protocol) {
    real_node_options o;
    o.name = std::move(name);
    o.links.tick_time = 400ms;
    o.links.protocol_max = protocol;
    return o;
  };
  real_node a{ticking("a@127.0.0.1", 1)};
  real_node b{ticking("b@127.0.0.1", 2)};
  real_node c{ticking("c@127.0.0.1", 2)};
  a.link(b);
  c.link(a);
  b.link(c);
  {
    busy_link busy{a, b};
    busy_link other{a, c};
    CHECK(busy.goes_on(300));
    CHECK(other.goes_on(300));
    CHECK(busy.seen().failed + other.seen().failed == 0);
  }
  for (auto* one : {&b, &c}) {
    auto at = one->link_with(a.name())->wire_octets_in;
    REQUIRE(eventually([&] { return one->link_with(a.name())->wire_octets_in > at + 2 * 13; }));
  }
  REQUIRE(eventually([&] { return b.link_with(c.name())->latency && c.link_with(b.name())->latency; }));
  CHECK(b.link_with(c.name())->protocol == 2);
  for (auto [one, other] : {std::pair{&a, &b}, {&b, &a}, {&a, &c}, {&c, &a}}) {
    CHECK(one->link_with(other->name())->protocol == 1);
    CHECK_FALSE(one->link_with(other->name())->latency);
  }
  CHECK(a.seen.lines().size() == 2);
}

TEST_CASE("a message with a field appended is understood both ways, one with a field of another type is notsup") {
  real_node a{of_release<before::item, before::memo>("a@127.0.0.1")};
  real_node b{of_release<after::item, after::memo>("b@127.0.0.1")};
  REQUIRE(a.home().await_init(a.home().spawn<clerk<before::item, before::memo>>(a.seen), 5s));
  REQUIRE(b.home().await_init(b.home().spawn<clerk<after::item, after::memo>>(b.seen), 5s));
  a.link(b);

  a.home().cast(b.process("clerk"), before::memo{"from the older one"});
  b.home().cast(a.process("clerk"), after::memo{"from the newer one", 9});
  CHECK(b.seen.wait_for("memo from the older one 5"));
  CHECK(a.seen.wait_for("memo from the newer one"));

  auto forth = a.home().call_sync<std::int64_t>(b.process("clerk"), before::item{"pear", 3}, 5s);
  auto back = b.home().call_sync<std::int64_t>(a.process("clerk"), after::item{"pear", "three"}, 5s);
  for (const auto& outcome : {forth, back}) {
    REQUIRE(std::holds_alternative<call_error>(outcome));
    const auto& e = std::get<call_error>(outcome);
    CHECK(e.what == call_error::kind::crashed);
    CHECK(e.why.text.starts_with("notsup"));
  }
  for (auto* one : {&a, &b}) {
    auto lines = one->logged("a message cannot be exchanged with a peer");
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].find("message=real.item") != std::string::npos);
    CHECK(lines[0].find("count: ") != std::string::npos);
    auto other = one == &a ? b.name() : a.name();
    CHECK(lines[0].find("node=" + other) != std::string::npos);
    CHECK(one->link_with(other)->disabled == std::vector<std::string>{"real.item"});
    CHECK(one->seen.lines().size() == 2);
  }
  busy_link busy{a, b};
  CHECK(busy.goes_on());
}
