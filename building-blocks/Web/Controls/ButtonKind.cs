namespace KuaipuCrm.Web.Controls;

/// <summary>How much a button asks to be pressed.</summary>
public enum ButtonKind
{
    /// <summary>White with a border.</summary>
    Default,

    /// <summary>The one main action of a place.</summary>
    Primary,

    /// <summary>Destroys something.</summary>
    Danger,

    /// <summary>Without a border.</summary>
    Quiet,

    /// <summary>Looks like a link.</summary>
    Link,
}

/// <summary>Meaning of a colour; texts are always there too.</summary>
public enum Tone
{
    /// <summary>Grey.</summary>
    Mute,

    /// <summary>Blue: going on.</summary>
    Info,

    /// <summary>Green: done well.</summary>
    Ok,

    /// <summary>Amber: look at it.</summary>
    Warn,

    /// <summary>Red: wrong, refused.</summary>
    Bad,

    /// <summary>Violet: something special.</summary>
    Note,

    /// <summary>The product's colour.</summary>
    Accent,
}

internal static class ToneNames
{
    public static string Css(this Tone tone) => tone switch
    {
        Tone.Info => "info",
        Tone.Ok => "ok",
        Tone.Warn => "warn",
        Tone.Bad => "bad",
        Tone.Note => "note",
        Tone.Accent => "accent",
        _ => "",
    };

    public static string Icon(this Tone tone) => tone switch
    {
        Tone.Ok => "circle-check",
        Tone.Warn => "triangle-exclamation",
        Tone.Bad => "circle-exclamation",
        _ => "circle-info",
    };
}
