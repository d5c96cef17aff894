#pragma once

#include <string_view>

/// The allow list of the HTML in posts.
namespace beamline::event_horizon {

enum class element_rule {
  unknown,  // Its tags are left out, its content stays.
  allowed,
  is_void,       // Allowed, and without content.
  image,         // <img>
  frame,         // Another page: becomes a link to it.
  source,        // <source>: void, of a film or a sound alone.
  with_content,  // Left out with everything in it.
};

[[nodiscard]] element_rule rule_of(std::string_view element);
/// What it is called on the page: old names have new ones, headings of the first level go down by one.
[[nodiscard]] std::string_view shown_name(std::string_view element);

enum class attribute_rule {
  forbidden,  // Left out, and told of.
  useless,    // Left out silently: it styles for another page.
  text,
  flag,
  number,
  word,  // Letters, digits and hyphens.
  link,
  id,
};

[[nodiscard]] attribute_rule rule_of(std::string_view element, std::string_view attribute);

}  // namespace beamline::event_horizon
