#pragma once

#include <string_view>
#include <vector>

/// What HTML and the live client fix: names of elements and attributes that are treated differently from others.
namespace beamline::web::heex {

/// Has no content and no closing tag: <br>.
[[nodiscard]] bool is_void_element(std::string_view name);
/// Its content is text to the browser, whatever stands in it: <script>, <style>.
[[nodiscard]] bool is_raw_element(std::string_view name);
/// White space in it is kept: <pre>, <textarea>.
[[nodiscard]] bool keeps_space(std::string_view name);
/// White space at the ends of its content is never seen: <div>, <p>, <li>.
[[nodiscard]] bool is_block_element(std::string_view name);
/// Holds only other elements, so white space in it is never seen: <table>, <select>.
[[nodiscard]] bool holds_no_text(std::string_view name);

/// A `phx-*` attribute that the client knows (or one of `phx-value-*`).
[[nodiscard]] bool is_known_phx_attribute(std::string_view name);
[[nodiscard]] const std::vector<std::string_view>& phx_attributes();
/// An attribute that every element may have, so a component passes it on in its `rest`: `data-*`, `aria-*`, `phx-*`,
/// `id`, `title`, ...
[[nodiscard]] bool is_global_attribute(std::string_view name);

}  // namespace beamline::web::heex
