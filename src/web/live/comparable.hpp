#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

namespace beamline::web::live::detail {

/// Whether `a == b` compiles. std::equality_comparable says yes to every vector, whatever is in it: its operator is
/// declared without conditions. So this looks at what containers, optionals and pairs hold as well.
template <class T>
struct is_comparable : std::bool_constant<std::equality_comparable<T>> {};

template <class T>
  requires requires {
    typename T::value_type;
  } &&(!std::same_as<typename T::value_type, T>)  // As JSON's is.
      struct is_comparable<T>
      : std::bool_constant<
            std::equality_comparable<T> && is_comparable<std::remove_const_t<typename T::value_type>>::value> {};

  template <class A, class B>
  struct is_comparable<std::pair<A, B>> : std::bool_constant<is_comparable<std::remove_const_t<A>>::value
                                                             && is_comparable<std::remove_const_t<B>>::value> {};

  template <class T>
  concept comparable = is_comparable<T>::value;

}  // namespace beamline::web::live::detail
