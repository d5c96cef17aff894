#pragma once

#include <string_view>

namespace beamline::testing {

/// Elements without content and end tag: <br>, <input>.
[[nodiscard]] bool is_void_element(std::string_view name) noexcept;

/// Elements whose content is text and nothing else, without character references: <script>, <style>.
[[nodiscard]] bool is_raw_text_element(std::string_view name) noexcept;

/// Elements whose content is text with character references: <textarea>, <title>.
[[nodiscard]] bool is_text_element(std::string_view name) noexcept;

}  // namespace beamline::testing
