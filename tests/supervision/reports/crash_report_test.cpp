#include "actors/crash_report.hpp"
#include "actors/events.hpp"
#include "actors/message.hpp"
#include "actors/process_text.hpp"
#include "actors/report_redaction.hpp"
#include "base/log.hpp"
#include "supervision/workers.hpp"
#include "testing/simulated_node.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace beamline;
using namespace beamline::supervision;
using namespace beamline::supervision::workers;

namespace {

struct pay {
  std::string card;
  std::int64_t cents = 0;
  BEAMLINE_MESSAGE(pay, "test.pay", 1, card, cents)
};
static_assert(pay::message_version == 1);  // clang takes it for unused: the message never leaves this file.
struct secret_order {
  std::string card;
};
struct strange {};

class till : public process {
public:
  using process::process;
  behavior init() override {
    return handlers([](const pay&) { throw std::out_of_range{"no such card"}; },
                    [](const secret_order&) { throw std::runtime_error{"refused"}; }, [](const strange&) { throw 42; },
                    [](const std::string&) { throw std::runtime_error{"text"}; },
                    [this](const die& m) { stop(m.why); });
  }
};

class stillborn : public process {
public:
  stillborn(process_context& c, bool throws) : process{c}, throws_{throws} {}
  behavior init() override {
    if (throws_)
      throw std::runtime_error{"no disk"};
    return refuse_start(reason::custom("no disk"));
  }

private:
  bool throws_;
};

class shop : public process {
public:
  using process::process;
  behavior init() override {
    birth how;
    how.label = "till";
    how.incarnation = 4;
    how.name = "the_till";
    child = spawn_as<till>(std::move(how));
    link(child);
    trap_exits([](const exit_signal&) {});
    return {};
  }
  pid child;
};

struct fixture {
  testing::world w;
  testing::simulated_node& n = w.start_node();
  std::vector<crash_report> reports;
  telemetry::handle h =
      n.events().attach<process_crashed>([this](const process_crashed& e) { reports.push_back(e.full); });
  pid top = n.spawn<shop>();
  pid victim = (w.run(), n.get().whereis("the_till"));

  template <class M>
  void send(M m) {
    n.cast(victim, std::move(m));
    w.advance(1s);
  }
};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

TEST_CASE("a process whose handler throws says all about its end") {
  fixture f;
  f.w.advance(10s);
  f.send(pay{"4711", 995});
  REQUIRE(f.reports.size() == 1);
  const auto& r = f.reports[0];
  CHECK(r.how == crash_report::ending::error);
  CHECK(contains(r.kind, "till"));
  CHECK(r.label == "till");
  CHECK(r.name == "the_till");
  CHECK(r.incarnation == 4);
  CHECK(r.why == reason::crashed("no such card"));
  CHECK(r.exception_type == "std::out_of_range");
  CHECK(contains(r.handling, "pay"));
  CHECK(r.message == "test.pay{card: \"4711\", cents: 995}");
  REQUIRE(r.ancestors.size() == 1);
  CHECK(contains(r.ancestors[0], "shop"));
  CHECK(contains(r.ancestors[0], short_text(f.top.id())));
  CHECK(r.links == std::vector{f.top.id()});
  CHECK(r.links_total == 1);
  CHECK(r.age >= 10s);
  CHECK(r.memory_bytes > sizeof(till));
  CHECK_FALSE(r.traps_exits);
}

TEST_CASE("what waited in its mailbox is counted") {
  fixture f;
  f.n.cast(f.victim, pay{});
  f.n.cast(f.victim, pay{});
  f.n.cast(f.victim, pay{});
  f.w.run();
  REQUIRE(f.reports.size() == 1);
  CHECK(f.reports[0].depth == 2);
}

TEST_CASE("messages are shown only if their type says how") {
  fixture f;
  SUBCASE("a plain struct is its type") {
    f.send(secret_order{"4711"});
    REQUIRE(f.reports.size() == 1);
    CHECK(f.reports[0].message.empty());
    CHECK(contains(f.reports[0].handling, "secret_order"));
  }
  SUBCASE("so is text") {
    f.send(std::string{"hunter2"});
    REQUIRE(f.reports.size() == 1);
    CHECK(f.reports[0].message.empty());
  }
  CHECK_FALSE(contains(to_string(f.reports[0]) + format_crash(f.reports[0]), "4711"));
  CHECK_FALSE(contains(to_string(f.reports[0]) + format_crash(f.reports[0]), "hunter2"));
}

TEST_CASE("what is thrown need not be an exception") {
  fixture f;
  f.send(strange{});
  REQUIRE(f.reports.size() == 1);
  CHECK(f.reports[0].exception_type.empty());
  CHECK(contains(to_string(f.reports[0]), " threw: an exception that is not a std::exception"));
}

TEST_CASE("a process that stops itself with a reason that is not graceful reports it, too") {
  fixture f;
  f.send(die{reason::custom("out of luck")});
  REQUIRE(f.reports.size() == 1);
  CHECK(f.reports[0].how == crash_report::ending::exit);
  CHECK(f.reports[0].exception_type.empty());
  CHECK(contains(f.reports[0].handling, "die"));
  CHECK(contains(to_string(f.reports[0]), "stopped itself: custom: out of luck, after "));
}

TEST_CASE("graceful ends, kills and signals from outside are no crashes") {
  fixture f;
  SUBCASE("normal") { f.send(die{reason::normal()}); }
  SUBCASE("shutdown") { f.send(die{reason::shutdown("enough")}); }
  SUBCASE("kill") { f.n.kill(f.victim); }
  SUBCASE("a signal") { f.n.exit(f.victim, reason::custom("go away")); }
  f.w.run();
  CHECK_FALSE(f.n.is_alive(f.victim));
  CHECK(f.reports.empty());
}

TEST_CASE("an init that throws is a crash, one that refuses is not") {
  fixture f;
  f.n.spawn<stillborn>(false);
  f.w.run();
  CHECK(f.reports.empty());
  f.n.spawn<stillborn>(true);
  f.w.run();
  REQUIRE(f.reports.size() == 1);
  CHECK(f.reports[0].handling == "init");
  CHECK(f.reports[0].message.empty());
}

TEST_CASE("the texts of a crash report are bounded and say the same") {
  crash_report r;
  r.who = pid{std::make_shared<const node_identity>(node_identity{"one@sim", 1}), (std::uint64_t{2} << 24) | 5};
  r.kind = "app::cart";
  r.label = "cart";
  r.why = reason::crashed("boom");
  r.exception_type = "std::runtime_error";
  r.handling = "app::add";
  r.handling_for = 1'200us;
  r.incarnation = 2;
  r.age = 12'300ms;
  r.handled = 1'234;
  r.depth = 5;
  r.ancestors = {"shop <4.1>", "node_top <1.1>"};
  r.links = {(std::uint64_t{1} << 24) | 4};
  r.links_total = 3;
  r.memory_bytes = 2'048;
  CHECK(to_string(r)
        == "<5.2> \"cart\" (app::cart) threw std::runtime_error: boom, handling app::add for 1.2ms; life 2, age 12.3s, "
           "1,234 handled, 5 waiting, under shop <4.1>");
  CHECK(format_crash(r) == R"(process <5.2> of class app::cart crashed
  reason      threw std::runtime_error: boom
  handling    app::add for 1.2ms
  label       cart
  life        2, age 12.3s
  ancestors   shop <4.1>, node_top <1.1>
  mailbox     5 waiting, 1,234 handled
  links       <4.1> ... 2 more
  traps exits no
  memory      2 KiB
)");
  r.why = reason::crashed(std::string(100'000, 'x'));
  r.message = std::string(100'000, 'm');
  CHECK(to_string(r).size() <= crash_text_max);
  CHECK(contains(to_string(r), "under shop <4.1>"));
  for (std::size_t limit : {60U, 200U, 1'000U, 4'096U})
    CHECK(format_crash(r, limit).size() <= limit);
}

TEST_CASE("what the redaction hides of a crash is nowhere") {
  fixture f;
  report_redaction hide{[](std::string_view field, std::string text) {
    return field == "message" || field == "reason" ? std::string{"(hidden)"} : std::move(text);
  }};
  f.n.env().provide(hide);
  f.n.env().log().set_level(log_level::info);
  f.send(pay{"4711", 995});
  REQUIRE(f.reports.size() == 1);
  CHECK(f.reports[0].message == "(hidden)");
  CHECK(f.reports[0].why.text == "(hidden)");
  auto line = f.n.env().log().recent().back();
  CHECK(contains(line, "process crashed"));
  CHECK_FALSE(contains(line, "4711"));
  CHECK_FALSE(contains(line, "no such card"));
}

TEST_CASE("an event of a crash serves those who do not know its type") {
  fixture f;
  std::string fields;
  auto all = f.n.events().attach_all([&](const event_view& e) {
    if (e.name() == process_crashed::event_name)
      e.for_each(
          [&](std::string_view key, const event_value& v) { fields += std::string{key} + "=" + to_text(v) + " "; });
  });
  f.send(pay{"4711", 995});
  for (auto part :
       {"label=till ", "what=no such card ", "how=error ", "exception=std::out_of_range ", "incarnation=4 "})
    CHECK_MESSAGE(contains(fields, part), fields);
}
