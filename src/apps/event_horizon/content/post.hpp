#pragma once

#include "apps/event_horizon/content/dates.hpp"
#include "apps/event_horizon/content/markdown.hpp"
#include "base/html.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace beamline::event_horizon {

/// A post as readers see it. Never changed once it was read: a changed file makes another one.
struct post {
  std::string slug;  // Its address, /blog/<slug>.
  std::string title;
  std::chrono::year_month_day date{};  // As its author wrote it.
  std::string summary;
  std::vector<std::string> tags;
  safe_html body;
  std::vector<toc_entry> toc;
  std::chrono::sys_seconds published{};             // The date as a moment; posts are ordered by it.
  std::optional<std::chrono::sys_seconds> updated;  // When its author says that it was changed last.
  std::string image;                                // Address of the picture that social networks show; empty: none.
  int minutes = 1;                                  // That reading it takes.
  bool is_draft = false;                            // Only shown where drafts are.
  std::string file;                                 // Counted from the content folder.
  std::string plain;                                // The words of the body, for search.
};

using post_ref = std::shared_ptr<const post>;

}  // namespace beamline::event_horizon
