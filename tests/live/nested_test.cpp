#include "web/live/nested.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

using namespace beamline;
using namespace beamline::web::live;

namespace {

struct parent {
  manual_clock time = manual_clock{};
  keyring keys = keyring::parse("a secret of the site that is long enough").value();
  token_signer signer{keys, time};
  page_tokens tokens{signer};
  container_element element{};
  nested_scope scope{.parent_id = "phx-P",
                     .process = 42,
                     .live_session = "main",
                     .session = {{"visitor", "v1"}, {"csrf", "C"}},
                     .tokens = &tokens,
                     .find_view = [this](std::string_view view) { return view == "clock" ? &element : nullptr; }};

  [[nodiscard]] nested_places places() const { return nested_places{scope}; }
  [[nodiscard]] nested_places first_render() const {
    auto s = scope;
    s.render = [](const nested_view_spec& spec, const json& session) {
      return safe_html::trusted("<b>" + spec.view + session.at("visitor").get<std::string>() + "</b>");
    };
    return nested_places{s};
  }
};

std::string attribute(const std::string& html, const std::string& name) {
  const auto from = html.find(name + "=\"");
  if (from == std::string::npos)
    return "absent";
  const auto start = from + name.size() + 2;
  return html.substr(start, html.find('"', start) - start);
}

}  // namespace

TEST_CASE("a nested view in a connected render is an empty element with a token that binds it to its parent") {
  auto p = parent{};
  auto places = p.places();
  const auto html = places.place({.view = "clock", .id = "kid", .session = {{"zone", "utc"}}}).str();
  CHECK(html.starts_with(R"(<div id="kid" data-phx-session=")"));
  CHECK(html.ends_with(R"(" data-phx-static="" data-phx-parent-id="phx-P"></div>)"));
  const auto token = p.tokens.verify_session(attribute(html, "data-phx-session")).value();
  CHECK(token.view_id == "kid");
  CHECK(token.view == "clock");
  CHECK(token.live_session == "main");
  CHECK_FALSE(token.is_routable);
  CHECK(token.parent == parent_identity{"phx-P", 42});
  CHECK(token.session == json{{"visitor", "v1"}, {"csrf", "C"}, {"zone", "utc"}});
}

TEST_CASE("the element of a nested view never changes, whatever time it is rendered") {
  auto p = parent{};
  auto places = p.places();
  const auto first = places.place({.view = "clock", .id = "kid"}).str();
  p.time.advance(1h);
  CHECK(places.place({.view = "clock", .id = "kid"}).str() == first);
}

TEST_CASE("a nested view in the first HTML waits for its parent's token") {
  auto p = parent{};
  auto places = p.first_render();
  const auto html = places.place({.view = "clock", .id = "kid"}).str();
  CHECK(attribute(html, "data-phx-session").empty());
  CHECK(p.tokens.verify_static(attribute(html, "data-phx-static")).value().view_id == "kid");
  CHECK(html.ends_with(R"( data-phx-parent-id="phx-P"><b>clockv1</b></div>)"));
}

TEST_CASE("a sticky view is a root of its own, in both renders") {
  auto p = parent{};
  auto first = p.first_render();
  auto connected = p.places();
  const auto spec = nested_view_spec{.view = "clock", .id = "stick", .is_sticky = true};
  const auto dead = first.place(spec).str();
  const auto live = connected.place(spec).str();
  for (const auto& html : {dead, live}) {
    CHECK(p.tokens.verify_session(attribute(html, "data-phx-session")).value().parent == parent_identity{});
    CHECK(attribute(html, "data-phx-parent-id") == "absent");
    CHECK(html.find(" data-phx-sticky>") != std::string::npos);
  }
  CHECK(p.tokens.verify_static(attribute(dead, "data-phx-static")).ok());
  CHECK(attribute(live, "data-phx-static").empty());
  CHECK(live.ends_with("></div>"));
}

TEST_CASE("a nested view has the element its view was registered with") {
  auto p = parent{};
  p.element = {"aside", {{"class", "small"}}};
  auto places = p.places();
  const auto html = places.place({.view = "clock", .id = "kid"}).str();
  CHECK(html.starts_with(R"(<aside id="kid" class="small" data-phx-session=")"));
  CHECK(html.ends_with("></aside>"));
}

TEST_CASE("a nested view that no page can show is a mistake of the render") {
  auto p = parent{};
  auto places = p.places();
  CHECK_NOTHROW((void)places.place({.view = "clock", .id = "kid"}));
  SUBCASE("no id") { CHECK_THROWS_AS((void)places.place({.view = "clock", .id = ""}), std::invalid_argument); }
  SUBCASE("its parent's id") {
    CHECK_THROWS_AS((void)places.place({.view = "clock", .id = "phx-P"}), std::invalid_argument);
  }
  SUBCASE("an unknown view") {
    CHECK_THROWS_WITH((void)places.place({.view = "clok", .id = "k2"}),
                      "nested view \"clok\" with id \"k2\": the endpoint knows no view of that name");
  }
  SUBCASE("an id that another view has") {
    CHECK_THROWS_AS((void)places.place({.view = "other", .id = "kid"}), std::invalid_argument);
  }
  SUBCASE("a session that is no object") {
    CHECK_THROWS_AS((void)places.place({.view = "clock", .id = "k2", .session = 7}), std::invalid_argument);
  }
  SUBCASE("too many") {
    for (std::size_t i = 1; i < nested_views_max; ++i)
      CHECK_NOTHROW((void)places.place({.view = "clock", .id = "kid-" + std::to_string(i)}));
    CHECK_THROWS_AS((void)places.place({.view = "clock", .id = "one more"}), std::invalid_argument);
    CHECK_NOTHROW((void)places.place({.view = "clock", .id = "kid"}));
  }
}
