// What our engine sends for the pages and steps whose messages were captured (the protocol note, sections 6 to 8, 20):
// never more octets. Templates, change tracking and encoding are all as in production.

#include "base/random.hpp"
#include "live/page_model.hpp"
#include "template/captured/counter.heex.hpp"
#include "template/captured/items.heex.hpp"
#include "template/captured/leaf.heex.hpp"
#include "template/captured/leaves.heex.hpp"
#include "template/captured/rows.heex.hpp"
#include "web/channels/message.hpp"
#include "web/live/page.hpp"
#include "web/live/reply.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace captured {

live::rendered leaf::render(live::render_context& c) const { return render_template(state, c); }

namespace {

using namespace beamline;

/// A page as its client has it.
template <class Page>
struct shown {
  typename Page::assigns assigns{};
  testing::no_host host{};
  live::view_tree tree{{.host = &host}};

  std::string full(std::string_view title = {}) { return said(tree.full(function(), parts(title))); }
  /// After a change of the view's state.
  std::string diff(std::string_view title = {}) {
    tree.view_changed();
    return said(tree.diff(function(), parts(title)));
  }
  std::string component_diff(live::component_id changed) {
    tree.component_changed(changed);
    return said(tree.diff(function()));
  }

private:
  live::view_tree::render_function function() {
    return [this](live::render_context& c) { return render_template(assigns, c); };
  }
  static live::message_parts parts(std::string_view title) {
    auto p = live::message_parts{};
    if (!title.empty())
      p.title = title;
    return p;
  }
  std::string said(std::string text) {
    tree.sent();
    return text;
  }
};

/// The same in other words if it must be, but no longer.
void check_no_larger(const std::string& ours, std::string_view captured) {
  CAPTURE(ours);
  CAPTURE(captured);
  CHECK_FALSE(ours.empty());
  CHECK(ours.size() <= captured.size());
}

std::string title(int n) { return "Counter " + std::to_string(n); }

}  // namespace

TEST_CASE("the answer to the first click is no larger than the original's 109 octets") {
  auto page = shown<counter>{};
  (void)page.full(title(0));
  page.assigns.count = 1;
  auto chance = seeded_random{1};
  const auto topic = "lv:" + live::make_view_id(chance);
  const auto frame =
      web::channels::encode_reply("4", "8", topic, web::channels::status_ok, live::event_response(page.diff(title(1))));
  CAPTURE(frame);
  CHECK(frame.size() <= 109);
}

TEST_CASE("diffs of a counter: a number, a conditional that comes, stays and goes") {
  auto page = shown<counter>{};
  // What stands in the page beside these parts is not known, so the captured text has them alone.
  check_no_larger(page.full(title(0)),
                  R"({"0":"0","1":"","r":1,"s":0,"p":{"0":["<main id=\"counter\"><h1 id=\"n\">","</h1>","</main>"]},)"
                  R"("t":"Counter 0"})");
  page.assigns.count = 1;
  check_no_larger(page.diff(title(1)), R"({"0":"1","t":"Counter 1"})");
  page.assigns.count = 6;
  check_no_larger(page.diff(title(6)),
                  R"({"0":"6","7":{"0":"6","s":0},"p":{"0":["<em id=\"big\">big ","</em>"]},"t":"Counter 6"})");
  page.assigns.count = 8;
  (void)page.diff(title(8));
  page.assigns.count = 7;
  check_no_larger(page.diff(), R"({"0":"5","7":{"0":"5"}})");
  page.assigns.count = 5;
  check_no_larger(page.diff(), R"({"0":"5","7":""})");
}

TEST_CASE("diffs of a list: rows that move, change, come and go") {
  auto page = shown<rows_page>{};
  auto& rows = page.assigns.rows;
  rows = std::vector<row>{{1, "row 1"}, {2, "row 2"}, {3, "row 3"}};
  (void)page.full();
  std::ranges::reverse(rows.edit());
  check_no_larger(page.diff(), R"({"0":{"k":{"0":2,"2":0,"km":true,"kc":3}}})");
  rows.edit()[1].text = "row 2*";
  check_no_larger(page.diff(), R"({"0":{"k":{"1":{"1":"row 2*"},"kc":3}}})");
  std::rotate(rows.edit().begin(), rows.edit().begin() + 2, rows.edit().end());
  rows.edit()[2].text = "row 2*!";
  check_no_larger(page.diff(), R"({"0":{"k":{"0":2,"1":0,"2":[1,{"1":"row 2*!"}],"km":true,"kc":3}}})");
  rows.edit().insert(rows.edit().begin(), row{10, "new"});
  check_no_larger(page.diff(), R"({"0":{"k":{"0":{"0":"10","1":"new","2":"1"},"1":0,"2":1,"3":2,"km":true,"kc":4}}})");
  rows.edit().erase(rows.edit().begin());
  check_no_larger(page.diff(), R"({"0":{"k":{"0":1,"1":2,"2":3,"km":true,"kc":3}}})");
  rows = std::vector<row>{};
  check_no_larger(page.diff(), R"({"0":{"k":{"kc":0}}})");
  rows = std::vector<row>{{11, "new"}};
  check_no_larger(page.diff(), R"({"0":{"k":{"0":{"0":"11","1":"new","2":"1"},"kc":1}}})");
}

TEST_CASE("diffs of a stream") {
  auto page = shown<items_page>{};
  auto& items = page.assigns.items;
  (void)page.full();
  const auto step = [&](const auto& change, std::string_view captured) {
    change();
    check_no_larger(page.diff(), captured);
  };
  step(
      [&] {
        items.insert({4, "item 4"});
      },
      R"({"0":{"k":{"0":{"0":"items-4","1":"item 4"},"kc":1},"stream":["0",[["items-4",-1,null,null]],[]]}})");
  step(
      [&] {
        items.insert({5, "item 5"}, {.at = 0});
      },
      R"({"0":{"k":{"0":{"0":"items-5","1":"item 5"},"kc":1},"stream":["0",[["items-5",0,null,null]],[]]}})");
  step(
      [&] {
        items.insert({8, "item 8"}, {.limit = -2});
      },
      R"({"0":{"k":{"0":{"0":"items-8","1":"item 8"},"kc":1},"stream":["0",[["items-8",-1,-2,null]],[]]}})");
  step([&] { items.remove_by_id("items-1"); }, R"({"0":{"k":{"kc":0},"stream":["0",[],["items-1"]]}})");
  step([&] { items.reset(); }, R"({"0":{"k":{"kc":0},"stream":["0",[],[],true]}})");
}

TEST_CASE("components: the join, a third one, an attribute of all, one by itself") {
  auto page = shown<leaves_page>{};
  const auto joined = parse_json(page.full()).value();
  check_no_larger(
      dump_json(joined.at("c")),
      R"({"1":{"0":"a","1":"L","2":"0","3":"1","4":"","r":1,"s":["<div class=\"leaf\" id=\"leaf-","\">",": <b>",)"
      R"("</b><button phx-click=\"bump\" phx-target=\"","\">bump</button>","</div>"]},)"
      R"("2":{"0":"b","1":"L","2":"0","3":"2","4":"","s":1}})");
  check_no_larger(dump_json(joined.at("0")), R"({"k":{"0":{"0":1},"1":{"0":2},"kc":2},"s":0})");
  page.assigns.label = "L!";
  check_no_larger(page.diff(), R"({"2":"L!","c":{"1":{"1":"L!"},"2":{"1":"L!"}}})");
  page.assigns.names.edit().push_back("x2");
  check_no_larger(page.diff(),
                  R"({"0":{"k":{"2":{"0":3},"kc":3}},"c":{"3":{"0":"x2","1":"L!","2":"0","3":"3","4":"","s":-1}}})");
  dynamic_cast<leaf&>(*page.tree.find(2)).state.bumps = 1;
  check_no_larger(page.component_diff(2), R"({"c":{"2":{"2":"1"}}})");
}

}  // namespace captured
