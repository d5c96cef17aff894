#pragma once

#include "base/json.hpp"

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
class client_model {
public:
  /// The object `rendered` of a join reply.
  void join(const json& rendered);
  /// A `diff` push, or the diff in a reply.
  void diff(const json& diff);

  /// The HTML that the page shows.
  [[nodiscard]] const std::string& html() const noexcept { return html_; }
  [[nodiscard]] const std::string& title() const noexcept { return title_; }
  /// Events and replies of all messages so far.
  [[nodiscard]] const std::vector<json>& events() const noexcept { return events_; }
  [[nodiscard]] const std::vector<json>& replies() const noexcept { return replies_; }

private:
  json extract(json message);
  void show();

  json tree_;
  std::string html_;
  std::string title_;
  std::vector<json> events_;
  std::vector<json> replies_;
};

}  // namespace beamline::testing
