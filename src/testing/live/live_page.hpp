#pragma once

#include "base/json.hpp"
#include "base/time.hpp"
#include "testing/live/form_fields.hpp"

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// Live pages in tests, without a browser: the server runs as in production (router, tokens, WebSocket messages, view
/// processes) on the deterministic scheduler, and this side does what the npm client would do.
///
///   TEST_CASE("the counter counts") {
///     testing::world w;
///     testing::live_site site{w.start_node()};
///     site.view<counter>("/counter");
///     auto page = site.visit("/counter");
///     page.element("#inc").click();
///     CHECK(page.element("#count").text() == "1");
///   }
///
/// Every look and every action first lets the world come to rest, so a test sees what a visitor would see after a
/// moment without time passing; `world::advance` lets time pass. What goes wrong throws: `page_error` with the HTML
/// around for a mistaken test, `page_stuck` (client_model.hpp) for a server that sends what would leave a browser
/// stuck: a diff for what is not there, an event without an answer, duplicate ids, markup that browsers read
/// differently.
namespace beamline::testing {

class page_core;

/// The page is not as the test expects it: no such element, the view has crashed or gone elsewhere.
class page_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

class live_page;

/// One element of a page, looked up anew at each use; so it may be kept over patches. It must be there exactly once,
/// else every use but `exists` and `count` throws.
class page_element {
public:
  // -- looking ------------------------------------------------------------------------------------
  [[nodiscard]] bool exists() const;
  [[nodiscard]] std::size_t count() const;
  /// As a person reads it: white space collapsed.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string html() const;
  [[nodiscard]] std::string inner_html() const;
  [[nodiscard]] std::string tag() const;
  /// Nothing: it has no such attribute.
  [[nodiscard]] std::optional<std::string> attribute(std::string_view name) const;
  [[nodiscard]] bool has_attribute(std::string_view name) const { return attribute(name).has_value(); }
  [[nodiscard]] bool has_class(std::string_view name) const;
  /// Of a field: what stands in it now, typed or rendered.
  [[nodiscard]] std::string value() const;
  [[nodiscard]] bool is_checked() const;

  /// Below this one.
  [[nodiscard]] page_element element(std::string_view css, std::string_view text = {}) const;
  [[nodiscard]] std::vector<page_element> find_all(std::string_view css) const;

  // -- doing --------------------------------------------------------------------------------------
  /// As with the mouse: `phx-click` here or around, links, submit buttons, checkboxes. Throws if nothing would happen.
  /// `value` is merged over the element's `phx-value-*`.
  page_element& click(const json& value = nullptr);
  page_element& keydown(std::string_view key, const json& meta = nullptr);
  page_element& keyup(std::string_view key, const json& meta = nullptr);
  page_element& focus();
  page_element& blur();
  /// Types into, or chooses in, one field of a form and sends its change.
  page_element& change(const field_input& value);
  /// What a hook on this element sends with `pushEvent`; the answer is the view's reply, null for none.
  json push_event(std::string_view name, const json& payload = json::object());
  /// Runs the commands in an attribute (`phx-mounted`, `data-confirm`) as `liveSocket.execJS` does.
  page_element& exec(std::string_view attribute);

private:
  friend class live_page;
  friend class page_form;
  struct step {
    std::string css;
    std::string text;                  // What it must contain; empty: anything.
    std::optional<std::size_t> nth{};  // Which of several.
  };
  page_element(std::shared_ptr<page_core> core, std::vector<step> steps)
      : core_{std::move(core)}, steps_{std::move(steps)} {}
  [[nodiscard]] std::vector<class dom_node*> found() const;
  [[nodiscard]] class dom_node& one() const;
  [[nodiscard]] std::string describe() const;

  std::shared_ptr<page_core> core_;
  std::vector<step> steps_;
};

/// A form, with the fields as a visitor fills them.
class page_form {
public:
  /// Types and chooses, then sends the form's `phx-change` once. Its `_target` is the field given last.
  page_form& change(const field_inputs& values);
  /// Types and chooses, without an event.
  page_form& fill(const field_inputs& values);
  /// Types and chooses as `change` does, if the form has a `phx-change`, then submits with `phx-submit`; without one
  /// the browser leaves the page, see `live_page::follow_redirect`.
  page_form& submit(const field_inputs& values = {});
  /// The same by pressing that button, which is sent along.
  page_form& submit_with(std::string_view button_css, const field_inputs& values = {});

  [[nodiscard]] page_element field(std::string_view name) const;
  /// What the form would send now, decoded as the view gets it.
  [[nodiscard]] json params() const;
  [[nodiscard]] const page_element& element() const noexcept { return element_; }

private:
  friend class live_page;
  page_form& type(const field_inputs& values);
  explicit page_form(page_element e) : element_{std::move(e)} {}

  page_element element_;
};

/// One tab of a browser. Copies are the same tab.
class live_page {
public:
  /// As kept by a `browser`.
  explicit live_page(std::shared_ptr<page_core> core) : core_{std::move(core)} {}

  // -- looking ------------------------------------------------------------------------------------
  /// What stands inside <body>.
  [[nodiscard]] std::string html() const;
  [[nodiscard]] std::string text() const;
  /// The whole title, with the layout's prefix and suffix.
  [[nodiscard]] std::string title() const;
  /// Path and query, as in the address bar.
  [[nodiscard]] std::string path() const;
  /// HTTP status of the page.
  [[nodiscard]] int status() const;

  /// The element that matches the selector (selector.hpp) and, if given, contains the text.
  [[nodiscard]] page_element element(std::string_view css, std::string_view text = {}) const;
  [[nodiscard]] std::vector<page_element> find_all(std::string_view css) const;
  [[nodiscard]] bool has(std::string_view css, std::string_view text = {}) const;
  [[nodiscard]] page_form form(std::string_view css) const;

  // -- events to the page's scripts ---------------------------------------------------------------
  struct pushed_event {
    std::string name;
    json payload;
  };
  /// All that came since the last call, in their order.
  std::vector<pushed_event> take_events();
  /// The first of that name that has come, or comes within `d`; taken. Throws `page_error` if none does.
  json expect_event(std::string_view name, duration d = {});

  // -- going elsewhere ----------------------------------------------------------------------------
  /// Another URL of the view, as a patch link or the browser's buttons do.
  live_page& patch(std::string_view path);
  /// Another view of the live session, as a link does.
  live_page& navigate(std::string_view path);
  /// Where the view, a link or a form wants the browser to go; nothing: it stays.
  [[nodiscard]] std::optional<std::string> leaving_to() const;
  /// Goes there, by live navigation or by loading the page, and on through further redirects (20 at most).
  live_page& follow_redirect();
  /// Throws `page_error` unless the view has patched to that path since the last call.
  void assert_patch(std::string_view path);
  /// Throws `page_error` unless the browser is about to go to that path.
  void assert_redirect(std::string_view path) const;

  // -- trouble ------------------------------------------------------------------------------------
  /// Connects a page that was only loaded.
  live_page& connect();
  [[nodiscard]] bool is_connected() const;
  /// Runs `what`, which must crash a view of this page. Throws `page_error` if it does not.
  void expect_crash(const std::function<void()>& what);
  /// Lets the client join crashed views anew, as it does after a second: fresh mounts, then form recovery.
  live_page& rejoin();
  /// The network is gone; the page stays as it is.
  live_page& disconnect();
  /// And back: a new connection, all views join anew.
  live_page& reconnect();
  /// Code with which the server closed the connection; 0: it has not.
  [[nodiscard]] int close_code() const;

  /// The page for a person, for `INFO` and messages.
  [[nodiscard]] std::string pretty() const;
  /// All messages of the page's connection so far, both directions, one per line.
  [[nodiscard]] std::string wire_log() const;

private:
  std::shared_ptr<page_core> core_;
};

}  // namespace beamline::testing
