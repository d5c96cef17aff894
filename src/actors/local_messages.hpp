#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/detail/type_traits.hpp>

#include <type_traits>

// Any struct is a message inside a node: `cast(p, add{1})` needs no declaration beside the struct.
// CAF wants types that it cannot serialize to be allowed one by one, to protect its own wire format;
// here that is done for all of them, since between nodes only our own envelope travels (design section 4)
// and BEAMLINE_MESSAGE says what may be in it.
namespace caf {

template <class T>
  requires(std::is_class_v<T> && !detail::is_serializable<T>::value)
struct allowed_unsafe_message_type<T> : std::true_type {};

}  // namespace caf
