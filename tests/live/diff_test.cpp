#include "web/live/diff.hpp"

#include "base/json.hpp"
#include "live/client_model.hpp"

#include <doctest/doctest.h>

namespace {

using namespace beamline;
using namespace beamline::web::live;

json parsed(const std::string& text) {
  INFO(text);
  auto value = parse_json(text);
  REQUIRE(value.ok());
  return *value;
}

const statics flash{{R"(<div id="flash">)", "</div>"}};
const statics big{{R"(<em id="big">big )", "</em>"}};
const statics counter_main{{R"(<main id="counter"><h1 id="n">)", "</h1>", "</main>"}};
const statics counter_page{{"", "", ""}};

/// A page as in the captured join: a flash, and a main part with a conditional.
rendered counter(int n) {
  auto flash_text = rendered{flash, ""};
  return rendered{counter_page, std::move(flash_text), rendered{counter_main, n, when(n > 5, [&] {
                                                                  return rendered{big, n};
                                                                })}};
}

const statics list_page{{"<ul>", "</ul>"}};
const statics row{{"<li>", ": ", " (v", ")</li>"}};

struct item {
  int id;
  std::string text;
  int version = 1;
};

rendered keyed_list(const std::vector<item>& items) {
  auto rows = comprehension{row};
  for (const auto& i : items)
    rows.add_keyed(i.id, i.id, i.text, i.version);
  return rendered{list_page, std::move(rows)};
}

rendered plain_list(const std::vector<item>& items) {
  auto rows = comprehension{row};
  for (const auto& i : items)
    rows.add(i.id, i.text, i.version);
  return rendered{list_page, std::move(rows)};
}

}  // namespace

TEST_CASE("a full render numbers templates in the order of first use, children before parents") {
  auto memory = tree_memory{};
  CHECK(encode_full(memory, counter(0), {.title = "Counter 0"})
        == R"({"0":{"0":"","s":0},"1":{"0":"0","1":"","s":1},"s":2,)"
           R"("p":{"0":["<div id=\"flash\">","</div>"],"1":["<main id=\"counter\"><h1 id=\"n\">","</h1>","</main>"],)"
           R"("2":["","",""]},"t":"Counter 0"})");
}

TEST_CASE("after the join only what changed is sent") {
  auto memory = tree_memory{};
  (void)encode_full(memory, counter(4), {.title = "Counter 4"});
  CHECK(encode_diff(memory, counter(5), {.title = "Counter 5"}) == R"({"1":{"0":"5"},"t":"Counter 5"})");

  SUBCASE("a conditional that becomes true comes with its template") {
    CHECK(encode_diff(memory, counter(6), {.title = "Counter 6"})
          == R"({"1":{"0":"6","1":{"0":"6","s":0}},"p":{"0":["<em id=\"big\">big ","</em>"]},"t":"Counter 6"})");
    CHECK(encode_diff(memory, counter(7)) == R"({"1":{"0":"7","1":{"0":"7"}}})");
    CHECK(encode_diff(memory, counter(3)) == R"({"1":{"0":"3","1":""}})");
  }
  SUBCASE("nothing changed gives nothing to send") {
    CHECK(encode_diff(memory, counter(5), {.title = "Counter 5"}).empty());
    CHECK(encode_diff(memory, counter(5)).empty());
  }
  SUBCASE("the title alone") {
    CHECK(encode_diff(memory, counter(5), {.title = "Five"}) == R"({"t":"Five"})");
    CHECK(encode_diff(memory, counter(5), {.title = "Five"}).empty());
  }
}

TEST_CASE("another outermost template is a full tree inside a diff") {
  static const statics other{{"<p>only static</p>"}};
  auto memory = tree_memory{};
  (void)encode_full(memory, counter(0));
  CHECK(encode_diff(memory, rendered{other}) == R"({"s":0,"p":{"0":["<p>only static</p>"]}})");
  CHECK(encode_diff(memory, rendered{other}).empty());
}

TEST_CASE("a new join sends everything again, the title included") {
  auto memory = tree_memory{};
  const auto first = encode_full(memory, counter(1), {.title = "One"});
  CHECK(encode_full(memory, counter(1), {.title = "One"}) == first);
  SUBCASE("a title that the join did not set is sent by the next diff") {
    (void)encode_full(memory, counter(1));
    CHECK(encode_diff(memory, counter(1), {.title = "One"}) == R"({"t":"One"})");
  }
  SUBCASE("a diff against an empty memory is a full render") {
    memory.reset();
    CHECK(memory.is_empty());
    CHECK(encode_diff(memory, counter(1), {.title = "One"}) == first);
  }
}

TEST_CASE("equal templates share one entry of the table") {
  static const statics button{{"<button>", "</button>"}};
  static const statics same_text{{"<button>", "</button>"}};
  static const statics page{{"", "", "", ""}};
  auto memory = tree_memory{};
  CHECK(encode_full(memory, rendered{page, rendered{button, "a"}, rendered{same_text, "b"}, rendered{button, "c"}})
        == R"({"0":{"0":"a","s":0},"1":{"0":"b","s":0},"2":{"0":"c","s":0},"s":1,)"
           R"("p":{"0":["<button>","</button>"],"1":["","","",""]}})");
  SUBCASE("and changing from one to the other is no change") {
    CHECK(encode_diff(memory, rendered{page, rendered{same_text, "a"}, rendered{same_text, "b"}, rendered{button, "c"}})
              .empty());
  }
}

TEST_CASE("the root flag is sent with inner templates and never at the outermost, where r is the reply") {
  static const statics inner{{"<b>", "</b>"}, root_element::single};
  static const statics outer{{"<div>", "</div>"}, root_element::single};
  auto memory = tree_memory{};
  CHECK(encode_full(memory, rendered{outer, rendered{inner, "x"}})
        == R"({"0":{"0":"x","r":1,"s":0},"s":1,"p":{"0":["<b>","</b>"],"1":["<div>","</div>"]}})");
  CHECK(encode_diff(memory, rendered{outer, rendered{inner, "y"}}) == R"({"0":{"0":"y"}})");
}

TEST_CASE("events and replies travel beside the tree") {
  auto memory = tree_memory{};
  (void)encode_full(memory, counter(0));
  const auto events = std::vector<push_event>{{"greet", R"({"who":"after"})"}, {"greet", R"({"who":"before"})", true}};
  CHECK(encode_diff(memory, counter(0), {.events = events, .reply = R"({"answer":42})"})
        == R"({"e":[["greet",{"who":"after"}],["greet",{"who":"before"},true]],"r":{"answer":42}})");
  CHECK(encode_diff(memory, counter(1), {.events = std::span{events}.first(1)})
        == R"({"1":{"0":"1"},"e":[["greet",{"who":"after"}]]})");
  CHECK(encode_events(std::span{events}.first(1)) == R"({"e":[["greet",{"who":"after"}]]})");
  CHECK(encode_events({}).empty());
  CHECK_THROWS_AS((void)encode_full(memory, counter(0), {.reply = "1"}), std::logic_error);
}

// Section 7 of the protocol note: rows 1, 2, 3 and then operations, as the original server sent them.
TEST_CASE("keyed lists send what the original server sent") {
  auto memory = tree_memory{};
  const auto send = [&](const std::vector<item>& items) { return parsed(encode_diff(memory, keyed_list(items))); };
  const auto one = item{1, "row 1"};
  const auto two = item{2, "row 2"};
  const auto three = item{3, "row 3"};
  (void)encode_full(memory, keyed_list({one, two, three}));

  CHECK(send({three, two, one}) == parsed(R"({"0":{"k":{"0":2,"2":0,"km":true,"kc":3}}})"));
  CHECK(send({one, two, three}) == parsed(R"({"0":{"k":{"0":2,"2":0,"km":true,"kc":3}}})"));
  const auto two_changed = item{2, "row 2*"};
  CHECK(send({one, two_changed, three}) == parsed(R"({"0":{"k":{"1":{"1":"row 2*"},"kc":3}}})"));
  const auto two_again = item{2, "row 2*!"};
  CHECK(send({three, one, two_again})
        == parsed(R"({"0":{"k":{"0":2,"1":0,"2":[1,{"1":"row 2*!"}],"km":true,"kc":3}}})"));
  CHECK(send({{10, "new"}, three, one, two_again})
        == parsed(R"({"0":{"k":{"0":{"0":"10","1":"new","2":"1"},"1":0,"2":1,"3":2,"km":true,"kc":4}}})"));
  CHECK(send({three, one, two_again}) == parsed(R"({"0":{"k":{"0":1,"1":2,"2":3,"km":true,"kc":3}}})"));
  CHECK(send({}) == parsed(R"({"0":{"k":{"kc":0}}})"));
  CHECK(encode_diff(memory, keyed_list({})).empty());
  CHECK(send({{11, "new"}}) == parsed(R"({"0":{"k":{"0":{"0":"11","1":"new","2":"1"},"kc":1}}})"));
}

TEST_CASE("a list ships its template once") {
  auto memory = tree_memory{};
  CHECK(encode_full(memory, keyed_list({{1, "row 1"}, {2, "row 2"}}))
        == R"({"0":{"k":{"0":{"0":"1","1":"row 1","2":"1"},"1":{"0":"2","1":"row 2","2":"1"},"kc":2},"s":0},"s":1,)"
           R"("p":{"0":["<li>",": "," (v",")</li>"],"1":["<ul>","</ul>"]}})");
}

TEST_CASE("a list that is empty from the start is the empty text, and comes with its template later") {
  auto memory = tree_memory{};
  CHECK(encode_full(memory, keyed_list({})) == R"({"0":"","s":0,"p":{"0":["<ul>","</ul>"]}})");
  CHECK(encode_diff(memory, keyed_list({})).empty());
  CHECK(encode_diff(memory, keyed_list({{1, "a"}}))
        == R"({"0":{"k":{"0":{"0":"1","1":"a","2":"1"},"kc":1},"s":0},"p":{"0":["<li>",": "," (v",")</li>"]}})");
}

TEST_CASE("without keys the position is the key, so rows never move") {
  auto memory = tree_memory{};
  (void)encode_full(memory, plain_list({{1, "a"}, {2, "b"}, {3, "c"}}));
  CHECK(encode_diff(memory, plain_list({{3, "c"}, {2, "b"}})) == R"({"0":{"k":{"0":{"0":"3","1":"c"},"kc":2}}})");
  CHECK(encode_diff(memory, plain_list({{3, "c"}, {2, "b"}, {4, "d"}}))
        == R"({"0":{"k":{"2":{"0":"4","1":"d","2":"1"},"kc":3}}})");
  SUBCASE("a list that starts to use keys is sent in full") {
    CHECK(parsed(encode_diff(memory, keyed_list({{3, "c"}}))).at("0").contains("s"));
  }
  SUBCASE("unless it was empty in between") {
    CHECK(encode_diff(memory, plain_list({})) == R"({"0":{"k":{"kc":0}}})");
    CHECK(encode_diff(memory, keyed_list({{3, "c"}})) == R"({"0":{"k":{"0":{"0":"3","1":"c","2":"1"},"kc":1}}})");
    CHECK(encode_diff(memory, keyed_list({{4, "d"}, {3, "c"}}))
          == R"({"0":{"k":{"0":{"0":"4","1":"d","2":"1"},"1":0,"km":true,"kc":2}}})");
  }
}

TEST_CASE("two rows with one key are refused, and the memory stays as it was") {
  auto memory = tree_memory{};
  SUBCASE("in a full render") {
    CHECK_THROWS_WITH_AS((void)encode_full(memory, keyed_list({{1, "a"}, {2, "b"}, {1, "c"}})),
                         R"(live diff: the list "<li>{..}: {..} (v{..})</li>" has two rows with the key "1"; )"
                         "keys must be unique within a list",
                         std::logic_error);
    CHECK(memory.is_empty());
  }
  SUBCASE("in a diff") {
    (void)encode_full(memory, keyed_list({{1, "a"}, {2, "b"}}), {.title = "T"});
    CHECK_THROWS_AS((void)encode_diff(memory, keyed_list({{1, "changed"}, {1, "c"}}), {.title = "U"}),
                    std::logic_error);
    CHECK(encode_diff(memory, keyed_list({{1, "changed"}, {2, "b"}}), {.title = "T"})
          == R"({"0":{"k":{"0":{"1":"changed"},"kc":2}}})");
  }
}

TEST_CASE("a tree that is nested too deep is refused") {
  static const statics wrap{{"<i>", "</i>"}};
  auto tree = rendered{wrap, "x"};
  for (std::size_t i = 0; i <= tree_depth_max; ++i)
    tree = rendered{wrap, std::move(tree)};
  auto memory = tree_memory{};
  CHECK_THROWS_AS((void)encode_full(memory, tree), std::logic_error);
  CHECK_THROWS_AS((void)to_html(tree), std::logic_error);
}

TEST_CASE("text from outside stays valid JSON and harmless HTML") {
  static const statics page{{"<p title=\"", "\">", "</p>"}};
  auto memory = tree_memory{};
  const auto nasty = std::string{"\"><script>'&\n\xe2\x80\xa8\xff"} + '\0' + "\xf0\x9f\x98\x80";
  const auto text = encode_full(memory, rendered{page, nasty, safe_html::trusted("<b>\xff</b>")});
  const auto value = parsed(text);
  CHECK(value.at("0").get<std::string>().find_first_of("<>\"'") == std::string::npos);
  CHECK(value.at("0").get<std::string>().ends_with("\xf0\x9f\x98\x80"));
  CHECK(value.at("1") == "<b>\xef\xbf\xbd</b>");
}

TEST_CASE("an idle view's memory is eight octets per value and a few per template") {
  auto memory = tree_memory{};
  auto items = std::vector<item>{};
  for (int i = 0; i < 100; ++i)
    items.push_back({i, std::string(5000, 'x')});
  (void)encode_full(memory, keyed_list(items));
  // Node header (2), list header (3), and per row its key and three values.
  CHECK(memory.octets() == (2 + 3 + 100 * 4) * 8);
  items.pop_back();
  (void)encode_diff(memory, keyed_list(items));
  CHECK(memory.octets() == (2 + 3 + 99 * 4) * 8);
}
