#include "supervision/process_names.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::supervision;

namespace {

constexpr std::uint64_t id_of(std::uint64_t slot) { return (std::uint64_t{1} << 24) | slot; }

process_info make(std::uint64_t slot, std::uint64_t parent, std::string label, std::string name = {}) {
  process_info p;
  p.id = id_of(slot);
  p.parent = parent == 0 ? 0 : id_of(parent);
  p.born = slot;
  p.label = std::move(label);
  p.name = std::move(name);
  p.kind = "app::thing";
  p.state = process_state::idle;
  return p;
}

struct fixture {
  std::vector<process_info> list{make(1, 0, "web"),      make(2, 1, "sessions"), make(3, 2, "view-12"),
                                 make(4, 2, "view-13"),  make(5, 0, "shop"),     make(6, 5, "cart", "cart_service"),
                                 make(7, 5, "sessions"), make(8, 7, "view-12"),  make(9, 5, "a/b"),
                                 make(10, 9, "view-99")};
  board_snapshots boards;

  fixture() {
    supervisor_board::snapshot s;
    s.supervisor = pid{std::make_shared<const node_identity>(node_identity{"one@sim", 1}), id_of(5)};
    s.empty_slots.emplace_back();
    s.empty_slots.back().id = "stock";
    boards.push_back(s);
  }

  std::uint64_t found(std::string_view text) {
    process_names names{"one@sim", list, boards};
    auto p = names.find(text);
    REQUIRE_MESSAGE(p.ok(), (p ? "" : p.error().message));
    return (*p)->id & 0xffffff;
  }
  error refused(std::string_view text) {
    process_names names{"one@sim", list, boards};
    auto p = names.find(text);
    REQUIRE_FALSE(p.ok());
    return p.error();
  }
};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

TEST_CASE("a process is found by pid, registered name and path") {
  fixture f;
  CHECK(f.found("<3.1>") == 3);
  CHECK(f.found("3.1") == 3);
  CHECK(f.found("<one@sim.3.1>") == 3);
  CHECK(f.found("cart_service") == 6);
  CHECK(f.found("cart") == 6);
  CHECK(f.found("web") == 1);
  CHECK(f.found("web/sessions") == 2);
  CHECK(f.found("web/sessions/view-12") == 3);
  CHECK(f.found("shop/sessions/view-12") == 8);
  CHECK(f.found("sessions/view-13") == 4);
  CHECK(f.found("/web/sessions") == 2);
  CHECK(f.found("shop/cart_service") == 6);
  CHECK(f.found("a/b") == 9);
  CHECK(f.found("shop/a/b/view-99") == 10);
}

TEST_CASE("a whole path begins at the top") {
  fixture f;
  CHECK(f.refused("/sessions/view-13").code == errc::not_found);
}

TEST_CASE("a name that fits several is answered with all of them") {
  fixture f;
  auto e = f.refused("view-12");
  CHECK(e.code == errc::conflict);
  CHECK(e.message
        == "\"view-12\" could be any of 2 processes: web/sessions/view-12 <3.1>, shop/sessions/view-12 <8.1>; give "
           "more of "
           "its path, or its pid");
}

TEST_CASE("an unknown name is answered with near ones") {
  fixture f;
  auto e = f.refused("web/sesions");
  CHECK(e.code == errc::not_found);
  CHECK(contains(e.message, "there is no process \"web/sesions\" on one@sim; near are"));
  CHECK(contains(e.message, "\"sessions\""));
  CHECK(contains(f.refused("crt_service").message, "\"cart_service\""));
  CHECK(contains(f.refused("completely-else-than-all").message, "`tree` shows all there are"));
}

TEST_CASE("a pid that is used no more, nothing, and too much are refused") {
  fixture f;
  CHECK(contains(f.refused("<3.2>").message, "there is no process <3.2> on one@sim any more"));
  CHECK(f.refused("").code == errc::invalid);
  CHECK(f.refused(std::string(5'000, 'x')).code == errc::invalid);
}

TEST_CASE("zombies answer to their pid only") {
  fixture f;
  f.list[2].state = process_state::zombie;
  CHECK(f.found("<3.1>") == 3);
  CHECK(f.found("view-12") == 8);
}

TEST_CASE("a child is found with its supervisor, also when it does not run") {
  fixture f;
  process_names names{"one@sim", f.list, f.boards};
  auto cart = names.find_child("cart");
  REQUIRE(cart.ok());
  CHECK(cart->id == "cart");
  CHECK(cart->supervisor == &f.boards[0]);
  for (auto text : {"stock", "shop/stock", "/shop/stock"}) {
    auto stock = names.find_child(text);
    REQUIRE_MESSAGE(stock.ok(), text);
    CHECK(stock->process == nullptr);
    CHECK(stock->supervisor == &f.boards[0]);
    CHECK(stock->id == "stock");
  }
  CHECK_FALSE(names.find_child("web/stock").ok());
  auto view = names.find_child("web/sessions/view-12");
  REQUIRE(view.ok());
  CHECK(view->supervisor == nullptr);
}
