namespace KuaipuCrm.Sdk.Text;

/// <summary>The pieces a name is found by.</summary>
public static class Grams
{
    /// <summary>The two-character pieces of a folded text, each as one number; words are not joined over a blank.</summary>
    public static void Of(string folded, List<long> into)
    {
        for (var i = 0; i + 1 < folded.Length; i++)
            if (Counts(folded[i]) && Counts(folded[i + 1])) into.Add(((long)folded[i] << 16) | folded[i + 1]);
    }

    /// <summary>The three-letter pieces of pinyin initials, as negative numbers, apart from those of names.</summary>
    public static void OfInitials(string initials, List<long> into)
    {
        for (var i = 0; i + 2 < initials.Length; i++) into.Add(-(((long)initials[i] << 32) | ((long)initials[i + 1] << 16) | initials[i + 2]));
    }

    private static bool Counts(char c) => char.IsLetterOrDigit(c);
}
