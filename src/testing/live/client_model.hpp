#pragma once

#include "base/json.hpp"

#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace beamline::testing {

/// What the browser would not survive: the real client throws, or shows nonsense for ever.
class page_stuck : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// The npm client's copy of a rendered tree (`rendered.js` of phoenix_live_view 1.2.12), stricter than the original:
/// what makes the client throw, print "undefined" or merge one thing into another throws `page_stuck` here.
///
/// Components are merged and shown as the client does it, `c` and statics shared between them included. Of streams it
/// keeps what the client keeps: nothing; `html` has the items of the last message only, and `streams` says what the
/// page is to do with them (page_patch.hpp does it).
class client_model {
public:
  /// `marks_components`: their root elements get `data-phx-component`, as in the page.
  explicit client_model(bool marks_components = false) : marks_components_{marks_components} {}

  /// The object `rendered` of a join reply.
  void join(const json& rendered);
  /// A `diff` push, or the diff in a reply.
  void diff(const json& diff);

  /// The HTML that the page shows.
  [[nodiscard]] const std::string& html() const noexcept { return html_; }
  [[nodiscard]] const std::string& title() const noexcept { return title_; }
  /// Of the last message, in the order in which they stand in the page: `[ref, inserts, deletes, reset?]` each.
  [[nodiscard]] const json& streams() const noexcept { return streams_; }
  /// Of one component; for those that stand in items of streams, which `html` does not have any more.
  [[nodiscard]] std::string component_html(const std::string& cid);
  /// Numbers of the components that the client has content for, and of those that the page shows.
  [[nodiscard]] std::set<std::uint64_t> components() const;
  [[nodiscard]] const std::set<std::uint64_t>& shown_components() const noexcept { return shown_; }
  /// They have left the page and the server has deleted them.
  void prune(const std::vector<std::uint64_t>& components);
  /// Events and replies of all messages so far.
  [[nodiscard]] const std::vector<json>& events() const noexcept { return events_; }
  [[nodiscard]] const std::vector<json>& replies() const noexcept { return replies_; }

private:
  class writer;

  json extract(json message);
  void merge_components(json changes);
  const json& merged_component(const std::string& cid, json& changes, json& merged);
  void show();

  bool marks_components_;
  json tree_;
  json components_ = json::object();
  json streams_ = json::array();
  std::set<std::uint64_t> shown_;
  std::string html_;
  std::string title_;
  std::vector<json> events_;
  std::vector<json> replies_;
};

}  // namespace beamline::testing
