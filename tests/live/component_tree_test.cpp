// What is sent of a view's live components: with the page around them, by themselves, when they leave and come back.

#include "live/leaves.hpp"

#include <doctest/doctest.h>

namespace {

using namespace beamline;
using namespace beamline::web::live;
using namespace beamline::web::live::testing;

}  // namespace

// Section 8 of the protocol note. The second leaf lists what differs from the first, where the original listed all.
TEST_CASE("components are sent with the first render, equal templates once") {
  auto v = leaves{};
  v.ids = {"a", "b"};
  const auto joined = parsed(v.full());
  CHECK(joined.at("0").at("k") == parsed(R"({"0":{"0":1},"1":{"0":2},"kc":2})"));
  CHECK(joined.at("c").at("1") == parsed(R"({"0":"L","1":"0","2":"1","3":"","r":1,"s":)" + own_statics + "}"));
  CHECK(joined.at("c").at("2") == parsed(R"({"2":"2","s":1})"));

  SUBCASE("a third shares what the client has") {
    v.ids.edit().push_back("c");
    CHECK(v.diff() == R"({"0":{"k":{"2":{"0":3},"kc":3}},"c":{"3":{"2":"3","s":-1}}})");
  }
  SUBCASE("an attribute that is shown in all of them changes") {
    v.label = "L!";
    CHECK(v.diff() == R"({"1":"L!","c":{"1":{"0":"L!"},"2":{"0":"L!"}}})");
  }
  SUBCASE("one that changes by itself is the only thing sent, and the only thing rendered") {
    v.at(2).bumps = 1;
    v.tree.component_changed(2);
    leaf::renders = 0;
    CHECK(v.component_diff() == R"({"c":{"2":{"1":"1"}}})");
    CHECK(leaf::renders == 1);
    CHECK(v.component_diff().empty());
  }
  SUBCASE("send_update gives attributes to one that is there") {
    CHECK(v.tree.update(*place_of<leaf>("a", {.label = "new"})));
    CHECK(v.component_diff() == R"({"c":{"1":{"0":"new"}}})");
    CHECK_FALSE(v.tree.update(*place_of<leaf>("nobody")));
  }
  SUBCASE("a row that moves takes its component along") {
    v.ids = {"b", "a"};
    CHECK(v.diff() == R"({"0":{"k":{"0":1,"1":0,"km":true,"kc":2}}})");
  }
}

TEST_CASE("a component that changes after it was rendered for a message is in the next one") {
  // The second leaf's render is where others' attributes come from: as `send_update` in an `update` would.
  auto v = leaves{};
  v.ids = {"a", "b"};
  (void)v.full();
  leaf::on_render = [&](const leaf& which) {
    if (&which == &v.at(2) && !v.tree.update(*place_of<leaf>("a", {.label = "later"})))
      FAIL("the first leaf is gone");
  };
  v.label = "now";
  const auto first = v.diff();
  leaf::on_render = {};
  CHECK(first == R"({"1":"now","c":{"1":{"0":"now"},"2":{"0":"now"}}})");
  CHECK(v.tree.is_changed());
  CHECK(v.component_diff() == R"({"c":{"1":{"0":"later"}}})");
  CHECK_FALSE(v.tree.is_changed());
}

// Section 8 of the protocol note. The second leaf lists what differs from the first, where the original listed all.
TEST_CASE("components within components are sent with them") {
  auto v = leaves{};
  v.ids = {"a"};
  (void)v.full();
  CHECK(v.tree.update(*place_of<leaf>("a", {.inner = "x"})));
  CHECK(v.component_diff() == R"({"c":{"1":{"3":2},"2":{"2":"2","s":-1}}})");
  SUBCASE("and change by themselves") {
    v.at(2).bumps = 5;
    v.tree.component_changed(2);
    CHECK(v.component_diff() == R"({"c":{"2":{"1":"5"}}})");
  }
  SUBCASE("but not in one message with what is around them") {
    v.at(1).bumps = 1;
    v.at(2).bumps = 2;
    v.tree.component_changed(1);
    v.tree.component_changed(2);
    CHECK(v.component_diff() == R"({"c":{"1":{"1":"1"}}})");
    CHECK(v.tree.is_changed());
    CHECK(v.component_diff() == R"({"c":{"2":{"1":"2"}}})");
    CHECK_FALSE(v.tree.is_changed());
  }
}

TEST_CASE("a component that changed by itself waits while the page around it is patched") {
  static const statics page{{"", "", ""}};
  auto host = beamline::testing::no_host{};
  auto tree = view_tree{{.host = &host}};
  auto text = assign<std::string>{"x"};
  const auto place = assign<int>{0};
  const auto render = [&](render_context& c) {
    const auto ch = c.begin({place, text});
    return rendered{page, ch.has(1) ? c.component<leaf>("a") : unchanged, ch.has(2) ? dynamic{*text} : unchanged};
  };
  const auto diff = [&] {
    auto message = tree.diff(render);
    tree.sent();
    return message;
  };
  (void)tree.full(render);
  tree.sent();
  dynamic_cast<leaf&>(*tree.find(1)).bumps = 1;
  tree.component_changed(1);
  tree.view_changed();
  SUBCASE("but not if nothing in the page changed") {
    CHECK(diff() == R"({"c":{"1":{"1":"1"}}})");
    CHECK_FALSE(tree.is_changed());
  }
  SUBCASE("and follows in a message of its own") {
    text = "y";
    CHECK(diff() == R"({"1":"y"})");
    CHECK(tree.is_changed());
    CHECK(diff() == R"({"c":{"1":{"1":"1"}}})");
    CHECK_FALSE(tree.is_changed());
  }
}

TEST_CASE("a component within an element that the client could skip is named again") {
  static const statics page{{"", "<i>", "</i>"}};
  static const statics box{{"<section>", "</section>"}, root_element::single};
  auto host = beamline::testing::no_host{};
  auto tree = view_tree{{.host = &host}};
  auto label = std::string{"L"};
  auto is_boxed = true;
  const auto render = [&](render_context& c) {
    auto place = c.component<leaf>("a", {.label = label});
    return is_boxed ? rendered{page, rendered{box, std::move(place)}, "x"} : rendered{page, std::move(place), "x"};
  };
  SUBCASE("within") {
    (void)tree.full(render);
    tree.sent();
    label = "M";
    tree.view_changed();
    CHECK(tree.diff(render) == R"({"0":{"0":1},"c":{"1":{"0":"M"}}})");
  }
  SUBCASE("not within") {
    is_boxed = false;
    (void)tree.full(render);
    tree.sent();
    label = "M";
    tree.view_changed();
    CHECK(tree.diff(render) == R"({"c":{"1":{"0":"M"}}})");
  }
}

TEST_CASE("components leave in two steps") {
  auto v = leaves{};
  v.ids = {"a", "b"};
  (void)v.full();
  v.ids = {"b"};
  CHECK(v.diff() == R"({"0":{"k":{"0":1,"km":true,"kc":1}}})");
  const auto gone = std::vector<component_id>{1, 99};
  SUBCASE("announced and confirmed, it is gone, and its number is never used again") {
    v.tree.leaving(gone);
    CHECK(v.tree.components() == 2);
    CHECK(v.tree.left(gone) == std::vector<component_id>{1});
    CHECK(v.host.removed == std::vector<component_id>{1});
    CHECK(v.tree.find(1) == nullptr);
    CHECK(v.tree.left(gone).empty());
    v.ids = {"b", "a"};
    CHECK(v.diff() == R"({"0":{"k":{"1":{"0":3},"kc":2}},"c":{"3":{"2":"3","s":-2}}})");
  }
  SUBCASE("without announcement it stays") { CHECK(v.tree.left(gone).empty()); }
  SUBCASE("rendered again before it is confirmed, it is sent in full and stays, with its state") {
    v.at(1).bumps = 7;
    v.tree.leaving(gone);
    v.ids = {"b", "a"};
    CHECK(v.diff() == R"({"0":{"k":{"1":{"0":1},"kc":2}},"c":{"1":{"1":"7","2":"1","s":-2}}})");
    CHECK(v.tree.left(gone).empty());
    CHECK(v.tree.components() == 2);
  }
  SUBCASE("while it is nowhere nothing is said of it") {
    v.at(1).bumps = 7;
    v.tree.component_changed(1);
    CHECK(v.component_diff().empty());
    v.ids = {"b", "a"};
    CHECK(parsed(v.diff()).at("c").at("1").at("1") == "7");
  }
  SUBCASE("one that is about to go lends its template to nobody") {
    v.tree.leaving(std::vector<component_id>{1, 2});
    v.ids = {"b", "c"};
    // The second is full because it was announced as well, and then lends its own.
    const auto c = parsed(v.diff()).at("c");
    CHECK(c.at("2").at("s").is_array());
    CHECK(c.at("3").at("s") == 2);
  }
}

TEST_CASE("one that comes back is sent in full with all that is in it") {
  auto v = leaves{};
  v.ids = {"a"};
  (void)v.full();
  (void)v.tree.update(*place_of<leaf>("a", {.inner = "x"}));
  (void)v.component_diff();
  v.tree.leaving(std::vector<component_id>{1});
  (void)v.tree.update(*place_of<leaf>("a", {.label = "M", .inner = "x"}));
  const auto c = parsed(v.component_diff()).at("c");
  CHECK(c.at("1").contains("s"));
  CHECK(c.at("2").contains("s"));
}

TEST_CASE("another outermost template means other components") {
  static const statics other{{"<aside>", "</aside>"}};
  auto v = leaves{};
  v.ids = {"a"};
  (void)v.full();
  v.tree.view_changed();
  const auto message = v.tree.diff([&](render_context& c) {
    const auto ch = c.begin({v.ids, v.label});
    return rendered{other, ch.has(1) ? c.component<leaf>("a") : dynamic{unchanged}};
  });
  v.tree.sent();
  CHECK(v.host.removed == std::vector<component_id>{1});
  CHECK(message
        == R"({"0":2,"s":0,"p":{"0":["<aside>","</aside>"]},"c":{"2":{"0":"L","1":"0","2":"2","3":"","r":1,"s":)"
               + own_statics + "}}}");
}

TEST_CASE("a message that was not sent is said again, components included") {
  auto v = leaves{};
  v.ids = {"a"};
  (void)v.full();
  v.ids = {"a", "b"};
  v.label = "M";
  v.tree.view_changed();
  const auto lost = v.tree.diff(v.function());
  CHECK(v.component_diff() == lost);
  CHECK(v.component_diff().empty());
  SUBCASE("and a component that only such a message had is dropped") {
    v.ids = {"a", "b", "c"};
    v.tree.view_changed();
    (void)v.tree.diff(v.function());
    CHECK(v.tree.components() == 3);
    v.ids = {"a", "b"};
    CHECK(v.diff().empty());
    CHECK(v.tree.components() == 2);
  }
}
